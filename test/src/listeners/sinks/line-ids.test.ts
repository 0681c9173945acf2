import { expect, it } from "vitest";
import { LineIds } from "../../../../src/listeners/sinks/line-ids.ts";

const TEXT = [
	{ messageId: "a", result: 'x"y' },
	{ messageId: 'quote " and \\ and \\" é \n', result: { messageId: "inner" } },
	{ at: "now", messageId: "not at the start" },
	{ messageId: "", result: "{" },
	{ messageId: "topic/0/12" },
]
	.map((line) => `${JSON.stringify(line)}\n`)
	.join("");
const IDS = ["a", 'quote " and \\ and \\" é \n', "", "topic/0/12"];

const idsOf = (chunks: Buffer[]): string[] => {
	const lineIds = new LineIds();
	return chunks.flatMap((chunk) => [...lineIds.read(chunk)]);
};

it("are found wherever the text is cut", () => {
	const bytes = Buffer.from(TEXT);
	for (let cut = 0; cut <= bytes.length; cut++)
		expect(idsOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(IDS);
	expect(idsOf([...bytes].map((byte) => Buffer.from([byte])))).toEqual(IDS);
});

it("are not taken from a line that was edited badly, and the next line is whole again", () => {
	const next = '{"messageId":"next"}\n';
	for (const line of [
		'{"messageId":"\\x"}',
		'{"messageId":"open',
		'{"messageId":7}',
		"",
		"{",
		"\u{1f600}",
	])
		expect(idsOf([Buffer.from(`${line}\n${next}`)])).toEqual(["next"]);
});

it("that do not end are given up, and no more is kept of them", () => {
	const lineIds = new LineIds();
	expect([...lineIds.read(Buffer.from('{"messageId":"'))]).toEqual([]);
	for (let n = 0; n < 100; n++)
		expect([...lineIds.read(Buffer.alloc(1000, "x"))]).toEqual([]);
	expect([...lineIds.read(Buffer.from('"}\n{"messageId":"b"}'))]).toEqual([
		"b",
	]);
});
