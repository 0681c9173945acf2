import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputKind, Status, Want } from "../../../../src/protocol/frames.js";
import { Form, SliceFlag } from "../../../../src/protocol/slice-frames.js";
import { DirectWorker, failure, ITEMS, numbers } from "./direct.ts";

const LINES = { form: Form.LINES, flags: SliceFlag.AS_LINES };
const WITH_ID = {
	form: Form.LINES,
	flags: SliceFlag.AS_LINES | SliceFlag.ECHO_ID,
};
const { SINGLY } = SliceFlag;

describe("a slice on a Python worker", () => {
	let worker: DirectWorker;
	beforeAll(async () => {
		worker = await DirectWorker.start(ITEMS, { maxOutputBytes: 600_000 });
	});
	afterAll(() => worker.close());

	it("has its outcomes written in order, each as JSON and a comma, in few frames", async () => {
		const texts = await worker.run(numbers(10_000));
		expect(texts).toEqual(numbers(10_000).map((n) => `${n},`));
		const frames = new Set(worker.outcomes.map(([first]) => first?.frame));
		expect(frames.size).toBeLessThan(1000);
		expect(worker.outcomes.every(({ length }) => length === 1)).toBe(true);
		expect(worker.ending).toMatchObject({ status: Status.RESULT, text: "" });
		expect(worker.ending?.runMs).toBeCloseTo(worker.runMs, 3);
		expect(worker.ending?.runMs).toBeGreaterThan(0);
	});

	it("keeps results of every kind apart, and errors say what and of which type", async () => {
		const texts = await worker.run([
			"é 👋",
			{ do: "nothing" },
			{ do: "bytes" },
			{ do: "raise" },
			{ do: "typed" },
			{ do: "nan" },
			{ a: [1.5, null] },
		]);
		expect(texts).toEqual([
			'"é 👋",',
			"null,",
			'"AP8=",',
			failure("no such thing"),
			failure("no cheese", "OutOfCheese"),
			failure("the result cannot be written as JSON: NaN at /0"),
			'{"a":[1.5,null]},',
		]);
		expect(worker.outcomes.map(([first]) => first?.hasFailed)).toEqual([
			false,
			false,
			false,
			true,
			true,
			true,
			false,
		]);
	});

	it("is refused as a whole if its list is no JSON, or not as many values", async () => {
		const list = (pieces: string, count: number) =>
			worker.run([], { pieces: [Buffer.from(pieces)], count, firstIndex: 40 });
		expect(await list("1,2,", 3)).toEqual([]);
		expect(worker.ending?.status).toBe(Status.REFUSED);
		expect(worker.ending?.text).toMatch(/not valid JSON.*items 40 to 42/);
		await list("1],[2", 2);
		expect(worker.ending?.status).toBe(Status.REFUSED);
		await list("[1,2]", 2);
		expect(worker.ending?.text).toMatch(/items 40 to 41 .* are 1 values/);
		await list("NaN", 1);
		expect(worker.ending?.status).toBe(Status.REFUSED);
		await list("", 0);
		expect(worker.ending?.status).toBe(Status.RESULT);
	});

	it("of lines has each line's fault as that item's ParsingError", async () => {
		const bytes = Buffer.concat([
			Buffer.from('1\r\n{"a":\n NaN\n[1\n2]\n"'),
			Buffer.from([0xff]),
			Buffer.from(`"\n\ufeff "x" \n${"[".repeat(100_000)}\n9 9\n3`),
		]);
		const options = { ...LINES, pieces: [bytes], count: 10, firstIndex: 100 };
		const lines = (await worker.run([], options)).map((text) =>
			JSON.parse(text),
		);
		expect(lines.map(({ index }) => index)).toEqual(
			numbers(10).map((n) => n + 100),
		);
		expect([0, 6, 9].map((i) => lines[i].result)).toEqual([1, "x", 3]);
		for (const i of [1, 2, 3, 4, 5, 7, 8])
			expect(lines[i].error.error_type).toBe("ParsingError");
		expect(lines[1].error.message).toBe(
			"the line is not valid JSON: Expecting value",
		);
		expect(lines[2].error.message).toMatch(/NaN is no JSON/);
		expect(lines[5].error.message).toBe(
			"the line is not valid UTF-8: invalid start byte at byte 2",
		);
		expect(lines[7].error.message).toMatch(/nested too deeply/);
	});

	it("of lines of text has them as they are", async () => {
		const options = { ...LINES, inputKind: InputKind.TEXT };
		expect(await worker.run(["a b\r", ' "x"', "[1"], options)).toEqual([
			'{"index":0,"result":"a b"}\n',
			'{"index":1,"result":" \\"x\\""}\n',
			'{"index":2,"result":"[1"}\n',
		]);
	});

	it("of a list can be answered in lines, and of lines as a list", async () => {
		const asLines = { flags: SliceFlag.AS_LINES, firstIndex: 5 };
		expect(await worker.run([1, { do: "raise" }], asLines)).toEqual([
			'{"index":5,"result":1}\n',
			`{"index":6,"error":${failure("no such thing")}}\n`,
		]);
		const texts = await worker.run(["1", "x"], { form: Form.LINES });
		expect(texts).toEqual([
			"1,",
			failure("the line is not valid JSON: Expecting value", "ParsingError"),
		]);
	});

	it("echoes the id that an item had, if that is a text or a number", async () => {
		const ids: [id: string, echoed: string][] = [
			['"a\\"é"', '"id":"a\\"é",'],
			["1152921504606846977", '"id":1152921504606846977,'],
			["-1.50", '"id":-1.5,'],
			["0", '"id":0,'],
			['"\\ud800"', '"id":"\\ud800",'],
			["true", ""],
			["null", ""],
			["[1]", ""],
			["{}", ""],
			["1e999", ""],
		];
		const sent = ids.map(([id]) => `{"do":"nothing","id":${id}}`);
		expect(await worker.run(sent, WITH_ID)).toEqual(
			ids.map(([, echoed], i) => `{"index":${i},${echoed}"result":null}\n`),
		);
		const others = [
			'{"do":"rename","id":"own"}',
			'{"do":"raise","id":7}',
			'"id"',
			'{"id":1',
		];
		const texts = await worker.run(others, WITH_ID);
		expect(texts[0]).toBe('{"index":0,"id":"own","result":"another"}\n');
		expect(texts[1]).toMatch(/^{"index":1,"id":7,"error":{/);
		expect(texts[2]).toBe('{"index":2,"result":"id"}\n');
		expect(texts[3]).toMatch(/^{"index":3,"error":{/);
		expect(await worker.run(['{"do":"nothing","id":1}'], LINES)).toEqual([
			'{"index":0,"result":null}\n',
		]);
	});

	it("bounds each result, and writes those that are larger than the outbox", async () => {
		const large = (length: number) => ({ do: "large", length });
		const texts = await worker.run([
			1,
			large(500_000),
			2,
			large(600_000),
			large(400_000),
			3,
		]);
		expect(texts.map(({ length }) => length)).toEqual([
			2,
			500_003,
			2,
			texts[3]?.length,
			400_003,
			2,
		]);
		expect(texts[3]).toBe(
			failure(
				"the result is 600002 bytes, more than the limit of 600000 bytes; return less, or store it as data and return its address",
				"TooLargeError",
			),
		);
		const many = await worker.run(Array(40).fill(large(20_000)));
		expect(many).toEqual(Array(40).fill(`"${"x".repeat(20_000)}",`));
	});

	it("has each outcome in a frame of its own when it is to be run one by one", async () => {
		await worker.run(numbers(20), { flags: SINGLY });
		expect(worker.outcomes.map(([first]) => first?.frame)).toEqual(
			numbers(20).map((n) => (worker.outcomes[0]?.[0]?.frame ?? 0) + n),
		);
	});

	it("ends with what its items have printed, if that is wanted", async () => {
		const items = [
			{ do: "print", text: "one" },
			{ do: "print", text: "two é" },
		];
		await worker.run(items);
		expect(worker.ending?.text).toBe("");
		await worker.run(items, { wants: Want.STDOUT });
		expect(worker.ending?.text).toBe("one\ntwo é\n");
	});

	it("leaves nothing in the temporary folder", async () => {
		const temp = { do: "temp" };
		const [first] = await worker.run([temp, temp, temp]);
		expect(first).toBe("0,");
		expect(await worker.run([temp])).toEqual(["0,"]);
		expect(await worker.run([temp, temp], { flags: SINGLY })).toEqual([
			"0,",
			"0,",
		]);
		expect(await readdir(worker.temp)).toEqual([]);
	});
});

describe("a slice on a Python worker with schemas", () => {
	it("has each item and each result checked", async () => {
		const worker = await DirectWorker.start(ITEMS, {
			inputSchema: { type: ["integer", "object"], minimum: 2 },
			outputSchema: { type: "integer" },
		});
		const texts = await worker.run([5, 1, { do: "nothing" }, "x", 6]);
		expect(texts).toEqual([
			"5,",
			failure("input must be >= 2", "InputError"),
			failure("output must be integer"),
			failure("input must be integer,object", "InputError"),
			"6,",
		]);
		await worker.close();
	});

	it("gives what was printed to the log, for the slice as a whole", async () => {
		const worker = await DirectWorker.start(ITEMS, { sendOutput: true });
		await worker.run(Array(3).fill({ do: "print", text: "x" }));
		expect(worker.printed).toEqual(["x\nx\nx\n"]);
		await worker.close();
	});
});
