import { describe, expect, it } from "vitest";
import { InputKind } from "../../../src/protocol/frames.js";
import { SliceFlag } from "../../../src/protocol/slice-frames.js";
import { LANGUAGES } from "../../support/languages.ts";
import { shareApply } from "./applying.ts";

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

/** What a body is, and what it becomes. */
const KINDS: [body: string | Buffer, kind: string, value?: unknown][] = [
	['{"a":[1,null]}', "object", { a: [1, null] }],
	['{\n  "a": [\r\n\t1\n  ]\n}\n', "object", { a: [1] }],
	["1.5", "number", 1.5],
	["null", "null", null],
	["true", "boolean", true],
	['"quoted"', "string", "quoted"],
	["\uFEFF[1]", "object", [1]],
	[deep(200), "object", JSON.parse(deep(200))],
	["Grüße, 世界 👋", "string", "Grüße, 世界 👋"],
	["", "string", ""],
	[" ", "string", " "],
	["NaN", "string", "NaN"],
	["-Infinity", "string", "-Infinity"],
	["[1, NaN]", "string", "[1, NaN]"],
	["1 2", "string", "1 2"],
	["a\r\n\0b\n", "string", "a\r\n\0b\n"],
	["\uFEFF text", "string", "\uFEFF text"],
	[Buffer.from([0x22, 0xff, 0x22]), "bytes"],
	[Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "bytes"],
	[Buffer.from([0xe4, 0xb8]), "bytes"],
	[`"${"x".repeat(100_000)}"`, "string", "x".repeat(100_000)],
];
const BODIES = KINDS.map(([body]) => Buffer.from(body as string));
const SEEN = KINDS.map(([body, kind, value]) =>
	Buffer.isBuffer(body) ? { kind, hex: body.toString("hex") } : { kind, value },
);

const bodiesOf = (...values: unknown[]) =>
	values.map((value) =>
		Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
	);
const linesOf = (texts: string[]) => texts.map((text) => JSON.parse(text));

describe.each(LANGUAGES)(
	"messages, in $language",
	({ language, algorithms }) => {
		const apply = shareApply(algorithms);

		it("are JSON, else text, else bytes, as calls", async () => {
			const answers = await Promise.all(
				BODIES.map((body) => apply.call("wire/Seen", body)),
			);
			expect(answers.map(({ result }) => result)).toEqual(SEEN);
		});

		it("are the same as items", async () => {
			const { texts, error } = await apply.parts("Seen", BODIES, {
				owner: "wire",
			});
			expect(error).toBeUndefined();
			expect(linesOf(texts)).toEqual(
				SEEN.map((result, index) => ({ index, result })),
			);
		});

		it("have outcomes without lines if none are wanted", async () => {
			const { texts } = await apply.parts(
				"Items",
				bodiesOf('{\n"a": 1\n}', "text", { do: "typed" }, ""),
				{ flags: 0 },
			);
			expect(texts.map((text) => text.replaceAll(" ", ""))).toEqual([
				'{"a":1},',
				'"text",',
				'{"message":"asasked","error_type":"OwnError"}',
				'"",',
			]);
		});

		it("come back on one line, whatever they were", async () => {
			const { texts } = await apply.parts("Items", BODIES);
			for (const text of texts) expect(text).toMatch(/^[^\r\n]+\n$/);
		});

		it("that are nested too deeply are no reason to refuse others", async () => {
			const { texts } = await apply.parts(
				"Seen",
				bodiesOf("1", deep(100_000), "2"),
				{ owner: "wire" },
			);
			const [before, between, after] = linesOf(texts);
			expect([before.result.value, after.result.value]).toEqual([1, 2]);
			if (language === "Python") expect(between.result.kind).toBe("string");
			else expect(between.error.message).toMatch(/nested too deeply/);
		});

		it.each([0, SliceFlag.AS_LINES])(
			"that end their worker, throw or loop cost themselves only (flags %d)",
			async (flags) => {
				const poison = new Map([
					[5, ["throw", "AlgorithmError"]],
					[11, ["exit", "SystemExit"]],
					[12, ["exit", "SystemExit"]],
					[23, ["loop", "TimeoutError"]],
				]);
				const bodies = Array.from({ length: 40 }, (_, i) => {
					const [what] = poison.get(i) ?? [];
					if (what) return Buffer.from(`{ "do":\n"${what}" }`);
					return i % 3 === 0
						? Buffer.from([i, 255, 10])
						: Buffer.from(`n\n${i}`);
				});
				const { texts, error } = await apply.parts("Items", bodies, { flags });
				expect(error).toBeUndefined();
				const outcomes = texts.map((text, index) => {
					const { result, error, ...rest } =
						flags === 0 ? bare(text) : JSON.parse(text);
					if (flags !== 0) expect(rest).toEqual({ index });
					return error?.error_type ?? result;
				});
				expect(outcomes).toEqual(
					bodies.map(
						(body, i) =>
							poison.get(i)?.[1] ??
							body.toString(i % 3 === 0 ? "base64" : "utf8"),
					),
				);
			},
		);

		it("say their id where that is wanted, even when they end their worker", async () => {
			const { texts } = await apply.parts(
				"Items",
				bodiesOf({ id: "a", do: "exit" }, { id: 2, do: "throw" }, '{\n"id":3}'),
				{ flags: SliceFlag.AS_LINES | SliceFlag.ECHO_ID },
			);
			expect(linesOf(texts)).toMatchObject([
				{ index: 0, id: "a", error: { error_type: "SystemExit" } },
				{ index: 1, id: 2, error: { error_type: "AlgorithmError" } },
				{ index: 2, id: 3, result: { id: 3 } },
			]);
		});

		it("go to applyBatch in groups, and those of one that ends its worker run again", async () => {
			const { texts } = await apply.parts(
				"BatchOnly",
				bodiesOf("a", "\n", "exit", "b", "error", ""),
			);
			const outcomes = linesOf(texts);
			expect(outcomes[2].error.error_type).toBe("SystemExit");
			expect(outcomes[4].error.message).toBe("in its place");
			expect([0, 1, 3, 5].map((i) => outcomes[i].result.input)).toEqual([
				"a",
				"\n",
				"b",
				"",
			]);
		});

		it("that do not fit the schema are their own InputError", async () => {
			const { texts } = await apply.parts("Typed", [
				...bodiesOf({ n: 1 }, "text", { n: "x" }, ""),
				Buffer.from([255]),
				...bodiesOf('{\n"n": 2 }'),
			]);
			expect(
				linesOf(texts).map(({ result, error }) => result ?? error.error_type),
			).toEqual([2, "InputError", "InputError", "InputError", "InputError", 3]);
		});

		it("are the same as calls of a micro-batch, and one that does not fit its schema is apart", async () => {
			const answers = await Promise.all(
				bodiesOf({ value: 1 }, "text", { value: 3 }, { value: 4 }).map((body) =>
					apply.call("micro/Batch", body),
				),
			);
			expect(answers.map(({ result }) => result?.value)).toEqual([
				1,
				undefined,
				3,
				4,
			]);
			expect(answers[1].error.error_type).toBe("InputError");
		});

		it("beside them, parts of other kinds are read as a call's body, and what would be refused fails alone", async () => {
			const run = async (inputKind: number, ...values: string[]) => {
				const options = { owner: "wire", inputKind };
				const { texts } = await apply.parts(
					"Seen",
					bodiesOf(...values),
					options,
				);
				return linesOf(texts).map(
					({ result, error }) =>
						error?.error_type ?? result.hex ?? result.value,
				);
			};
			expect(await run(InputKind.JSON, "[\n1]", "{", "", "NaN", "2")).toEqual([
				[1],
				"ParsingError",
				null,
				"ParsingError",
				2,
			]);
			expect(await run(InputKind.TEXT, "1", "a\nb\r", "")).toEqual([
				"1",
				"a\nb\r",
				"",
			]);
			expect(await run(InputKind.BINARY, "1", "\n", "")).toEqual([
				"31",
				"0a",
				"",
			]);
			expect(await run(InputKind.BASE64, "AP8+", "%", "AQ==")).toEqual([
				"00ff3e",
				"ParsingError",
				"01",
			]);
		});
	},
);

/** An outcome that is no line. */
function bare(text: string) {
	return text.endsWith(",")
		? { result: JSON.parse(text.slice(0, -1)) }
		: { error: JSON.parse(text) };
}
