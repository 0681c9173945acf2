import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXAMPLES, startApp, type TestServer } from "../support/app.ts";

let server: TestServer;
beforeAll(async () => {
	server = await startApp({ algorithms: [EXAMPLES] });
});
afterAll(() => server.close());

const call = async (
	path: string,
	body: string | Uint8Array<ArrayBuffer>,
	type = "application/json",
) => {
	const response = await fetch(`${server.url}/v1/algo/${path}`, {
		method: "POST",
		headers: { "content-type": type },
		body,
	});
	return (await response.json()) as {
		result: unknown;
		error?: { message: string; error_type: string };
		metadata: { content_type: string };
	};
};

/** What each example in JavaScript answers to one input. */
const ANSWERS: Record<string, [input: unknown, result: unknown]> = {
	"WebPredict/ListAnagrams/0.1.0": [
		["transformer", "terraforms", "retransform"],
		["transformer", "retransform"],
	],
	"demo/Hello/0.1.0": ["foo", "Hello foo"],
	"demo/Hello/0.1.1": ["foo", "Hello foo"],
	"docs/JavaAddOne/1.0.0": [41, 42],
	"docs/JavaBinaryInAndOut/1.0.0": [
		"abc",
		Buffer.from("abc").toString("base64"),
	],
	"nlp/SentimentAnalysis/1.0.5": ["What a lovely day", 0.6],
	"nlp/SentimentAnalysisBatch/1.0.0": [
		["I love it", "I hate it"],
		[0.6, -0.6],
	],
	"nlp/SentimentAnalysisClient/1.0.0": [
		["I love it", "I hate it"],
		[0.6, -0.6],
	],
	"nlp/SentimentAnalysisLogged/1.0.0": ["What a lovely day", 0.6],
	"quality/echo/0.1.0": ["foo", "foo"],
	"testing/Sleep/1.0.0": [0.01, 0.01],
	"util/Echo/1.0.0": [{ any: [1, null] }, { any: [1, null] }],
};
/** The one that answers nothing. */
const FAILS = "zeryx/raise_exception/0.1.0";

const subfolders = (path: string) =>
	readdirSync(path, { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map(({ name }) => name);

test("the table above names every example in JavaScript, but the one that only fails", () => {
	const found = subfolders(EXAMPLES)
		.flatMap((owner) =>
			subfolders(join(EXAMPLES, owner)).flatMap((name) =>
				subfolders(join(EXAMPLES, owner, name)).map(
					(version) => `${owner}/${name}/${version}`,
				),
			),
		)
		.filter((ref) => !existsSync(join(EXAMPLES, ref, "index.py")));
	expect(found.sort()).toEqual([...Object.keys(ANSWERS), FAILS].sort());
});

test.each(Object.entries(ANSWERS))(
	"%s answers over HTTP",
	async (path, [input, result]) => {
		expect((await call(path, JSON.stringify(input))).result).toEqual(result);
	},
);

test.each(Object.keys(ANSWERS))(
	"%s has a summary and a sample input that runs",
	async (path) => {
		const version = server.engine.versions.find(({ ref }) => ref === path);
		expect(version?.manifest.summary).toMatch(/\w/);
		const { error } = await call(
			path,
			JSON.stringify(version?.manifest.sampleInput),
		);
		expect(error).toBeUndefined();
	},
);

test.each(["foo", "", null, []])(
	"zeryx/raise_exception fails with its own words, sent %j",
	async (input) => {
		expect((await call(FAILS, JSON.stringify(input))).error).toMatchObject({
			message: "This is an exception",
			error_type: "AlgorithmError",
		});
	},
);

describe("WebPredict/ListAnagrams", () => {
	test.each([
		[
			["thing", "night", "other"],
			["thing", "night"],
		],
		[
			["tea", "north", "eat", "thorn", "ate", "lone"],
			["tea", "eat", "ate", "north", "thorn"],
		],
		[[], []],
	])("of %j picks %j", async (words, anagrams) => {
		const { result } = await call(
			"WebPredict/ListAnagrams",
			JSON.stringify(words),
		);
		expect(result).toEqual(anagrams);
	});

	test("refuses what is no list of words, by its schema", async () => {
		const { error } = await call("WebPredict/ListAnagrams", '["a", 1]');
		expect(error).toMatchObject({
			error_type: "InputError",
			message: "input at /1 must be string",
		});
	});
});

describe("nlp/SentimentAnalysis", () => {
	test("takes a list by the same endpoint and answers with a list", async () => {
		const { result } = await call(
			"nlp/SentimentAnalysis",
			'["I love it","I hate it"]',
		);
		expect(result).toEqual([0.6, -0.6]);
	});

	test("takes a document, knows a negation, and gives 0 to a text without mood", async () => {
		expect(
			(await call("nlp/SentimentAnalysis", '{"document":"I love it"}')).result,
		).toBe(0.6);
		expect(
			(await call("nlp/SentimentAnalysis", '"not good"')).result,
		).toBeLessThan(0);
		expect((await call("nlp/SentimentAnalysis", '"the table"')).result).toBe(0);
	});

	test("names a wrong input", async () => {
		const { error } = await call("nlp/SentimentAnalysis", "5");
		expect(error).toMatchObject({
			error_type: "InputError",
			message: expect.stringContaining('{"document": text}'),
		});
	});
});

test("docs/JavaBinaryInAndOut gives bytes back for bytes", async () => {
	const bytes = Buffer.from([0, 255, 128, 10]);
	const { result, metadata } = await call(
		"docs/JavaBinaryInAndOut",
		bytes,
		"application/octet-stream",
	);
	expect(result).toBe(bytes.toString("base64"));
	expect(metadata.content_type).toBe("binary");
});

test("docs/JavaAddOne refuses what is no number, by its schema", async () => {
	const { error } = await call("docs/JavaAddOne", '"41"');
	expect(error).toMatchObject({
		error_type: "InputError",
		message: "input must be number",
	});
});

test("nlp/SentimentAnalysisLogged writes a whole line for each of many calls at once", async () => {
	const log = `${server.url}/v1/data/.my/sentiment/log.ndjson`;
	await fetch(log, { method: "DELETE" });
	const texts = Array.from({ length: 30 }, (_, i) => `day ${i} is lovely`);
	await Promise.all(
		texts.map((text) =>
			call("nlp/SentimentAnalysisLogged", JSON.stringify(text)),
		),
	);
	const lines = (await (await fetch(log)).text()).trimEnd().split("\n");
	const written = lines.map((line) => JSON.parse(line));
	expect(written.map(({ input }) => input).sort()).toEqual(texts.sort());
	for (const { at, result } of written)
		expect([Date.parse(at) > 0, result]).toEqual([true, 0.6]);
});
