import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
	type Case,
	checkInNode,
	checkInPython,
	type Outcomes,
} from "./check-schemas.ts";

const inJson = (row: string, side: Case["side"] = "input"): Case => ({
	row,
	language: "json",
	side,
});

const inPython = (row: string): Case => ({
	row,
	language: "python",
	side: "output",
});

/** The rows of `schema-cases.jsonl` by subject: there a text is a subject, and a list a row. */
function casesBySubject(): [subject: string, cases: Case[]][] {
	const file = join(import.meta.dirname, "schema-cases.jsonl");
	const subjects: [string, Case[]][] = [];
	for (const line of readFileSync(file, "utf8").trim().split("\n")) {
		if (line.startsWith('"')) subjects.push([JSON.parse(line), []]);
		else subjects.at(-1)?.[1].push(inJson(line));
	}
	return subjects;
}

/** Why a schema is refused, each side says in its own words. */
const withoutReason = (outcomes: Outcomes | undefined) =>
	typeof outcomes === "string"
		? outcomes.replace(/(is no JSON Schema:).*/s, "$1")
		: outcomes;

describe("a schema of a Python algorithm", () => {
	const subjects: [string, Case[]][] = [
		...casesBySubject(),
		[
			"the output",
			[
				inJson('[{"items": {"type": "null"}}, [1], [null]]', "output"),
				inJson('[{"type": "nothing"}, 1]', "output"),
			],
		],
	];
	let ofPython: Map<Case, Outcomes | undefined>;

	beforeAll(() => {
		const cases = subjects.flatMap(([, cases]) => cases);
		const outcomes = checkInPython(cases);
		ofPython = new Map(cases.map((one, index) => [one, outcomes[index]]));
		vi.spyOn(console, "warn").mockImplementation(() => {}); // Ajv tells of formats that it does not know
	});

	afterAll(() => {
		vi.restoreAllMocks();
	});

	it.each(subjects)(
		"has the verdicts and the words of a Node algorithm's on %s",
		async (_, cases) => {
			const python = cases.map((one) => [
				one.row,
				withoutReason(ofPython.get(one)),
			]);
			const node = cases.map(async (one) => [
				one.row,
				withoutReason(await checkInNode(one)),
			]);
			expect(python).toEqual(await Promise.all(node));
		},
	);

	it("that is absent lets everything pass", () => {
		expect(checkInPython([inPython("[None, 1, object()]")])).toEqual([
			[null, null],
		]);
	});
});

describe("a schema that a Python algorithm cannot have", () => {
	const REFUSED: [schema: unknown, why: string][] = [
		[5, "is no JSON Schema: it must be an object, true or false, not 5"],
		[
			{ properties: { "a/b": { type: "strnig" } } },
			'is no JSON Schema: /properties/a~1b/type must be one of array, boolean, integer, null, number, object, string, or a list of different ones of them, not "strnig"',
		],
		[
			{ anyOf: [true, { minLength: -1 }] },
			"is no JSON Schema: /anyOf/1/minLength must be a whole number from 0, not -1",
		],
		[
			{ items: { $ref: "https://example.org/elsewhere" } },
			'is no JSON Schema: /items/$ref points to "https://example.org/elsewhere", which is not in it: copy that schema under $defs',
		],
		[
			{ hidden: { type: 5 }, $ref: "#/hidden" },
			"is no JSON Schema: /hidden/type must be one of array, boolean, integer, null, number, object, string, or a list of different ones of them, not 5",
		],
		[
			{ $schema: "http://json-schema.org/draft-07/schema#" },
			'is no JSON Schema: /$schema must be "https://json-schema.org/draft/2020-12/schema", not "http://json-schema.org/draft-07/schema#"',
		],
		[
			{ $defs: { a: { $anchor: "n" }, b: { $anchor: "n" } } },
			'is no JSON Schema: /$defs/b has the name "#n" of another schema in it',
		],
		[
			{ patternProperties: { "a(": true } },
			'is no JSON Schema: /patternProperties/a( "a(" is no regular expression for Python: missing ), unterminated subpattern at position 1',
		],
		[
			{ pattern: "(?<=a+)b" },
			'is no JSON Schema: /pattern "(?<=a+)b" is no regular expression for Python: look-behind requires fixed-width pattern',
		],
		[
			{ items: { pattern: "^\\p{L}+$" } },
			"has \\p{L} in the pattern at /items/pattern, which is not supported for Python algorithms: list the characters, as in [A-Za-z]",
		],
		[
			{ items: { $dynamicRef: "#node" } },
			"has /items/$dynamicRef, which is not supported for Python algorithms: use $ref",
		],
		[
			{ id: "a" },
			"has /id, which is not supported for Python algorithms: use $id",
		],
	];

	it("is a LoadingError that says where and why", () => {
		const rows = REFUSED.map(([schema]) => inJson(JSON.stringify([schema])));
		expect(checkInPython(rows)).toEqual(
			REFUSED.map(([, why]) => `LoadingError: algorithm.json: input ${why}`),
		);
	});
});

describe("a value that only Python has", () => {
	it.each([
		[
			"fails its type if json.dumps cannot write it",
			["object", "array", "number", "string", "integer"].map(
				(type) =>
					`[{"type": "${type}"}, {1, 2}, b"a", object(), 1j, range(3), __import__("decimal").Decimal(1)]`,
			),
			["object", "array", "number", "string", "integer"].map((type) =>
				Array(6).fill(`must be ${type}`),
			),
		],
		[
			"can be compared with constants and with its like",
			[
				'[{"enum": [1, "a"]}, {1}, object()]',
				'[{"uniqueItems": True}, [{1}, {1}], [object(), 1]]',
			],
			[
				Array(2).fill("must be equal to one of the allowed values"),
				[null, null],
			],
		],
		[
			"is an array if it is a tuple",
			['[{"items": {"type": "integer"}}, (1, 2), (1, "a")]'],
			[[null, "at /1 must be integer"]],
		],
		[
			"is what its class is derived from",
			[
				'[{"type": "integer"}, __import__("http").HTTPStatus.OK, True]',
				'[{"type": "object", "required": ["a"]}, __import__("collections").OrderedDict(a=1)]',
				'[{"maxLength": 1}, type("Text", (str,), {})("ab")]',
			],
			[
				[null, "must be integer"],
				[null],
				["must NOT have more than 1 characters"],
			],
		],
		[
			"has its name read as a text if that is none",
			['[{"patternProperties": {"^1$": False}}, {2: 1}, {1: 1}]'],
			[[null, "at /1 boolean schema is false"]],
		],
		[
			"fits no bound if it is no number that JSON can write",
			[
				'[{"type": "integer"}, float("nan"), float("inf")]',
				'[{"minimum": 0}, float("nan")]',
				'[{"multipleOf": 0.5}, float("nan"), 10 ** 400]',
			],
			[
				Array(2).fill("must be integer"),
				["must be >= 0"],
				Array(2).fill("must be multiple of 0.5"),
			],
		],
		[
			"may be nested too deeply, and is told so",
			[
				'[{"items": {"$ref": "#"}}, __import__("functools").reduce(lambda inner, _: [inner], range(10_000), [])]',
			],
			[["is nested too deeply to be checked"]],
		],
	])("%s", (_, rows, said) => {
		expect(checkInPython(rows.map(inPython))).toEqual(
			said.map((outcomes) =>
				outcomes.map((what) => what && `AlgorithmError: output ${what}`),
			),
		);
	});
});
