import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optional } from "../clients/optional.ts";
import { pythonClient } from "../clients/python/client.ts";
import { run } from "../clients/run.ts";
import { shareServer } from "../server/support.ts";
import { EXAMPLES, SHARED } from "../support/app.ts";
import { copyAlgorithms, installOnce } from "../support/installed.ts";
import { applyd } from "../support/process.ts";

const folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
afterAll(() => rm(folder, { recursive: true }));
const root = join(folder, "algorithms");
await copyAlgorithms(EXAMPLES, root);
const modules = "node_modules";
await symlink(resolve(EXAMPLES, "..", modules), join(folder, modules));
const installed = await optional("what the Python examples do", () =>
	installOnce(root),
);
/** What was installed lies elsewhere, and is linked. */
const env = { APPLYD_ALLOW_READ: installed };
const published = await optional("the published Python client", pythonClient);

/** What each example in Python answers to one input. */
const ANSWERS: Record<string, [input: unknown, result: unknown]> = {
	"ml/IrisClassifier/1.0.0": [
		[6.7, 3.0, 5.2, 2.3],
		{ species: "virginica", probability: 0.961 },
	],
	"nlp/SentimentAnalysisBatchPy/1.0.0": [
		["I love it", "I hate it"],
		[0.6, -0.6],
	],
	"nlp/SentimentAnalysisLoggedPy/1.0.0": ["What a lovely day", 0.6],
	"nlp/SentimentAnalysisPy/1.0.0": ["What a lovely day", 0.5],
	"nlp/SentimentAnalysisStored/1.0.0": [
		{ texts: ["I love it", "I hate it"] },
		[
			{ id: 1, text: "I love it", score: 0.6 },
			{ id: 2, text: "I hate it", score: -0.6 },
		],
	],
};

interface Row {
	id: number;
	text: string;
	score: number;
}

describe.skipIf(!installed)("an example in Python", () => {
	const server = shareServer({
		algorithms: [root],
		allowRead: [installed ?? ""],
		maxWorkers: 4,
	});

	const call = async (path: string, input: unknown) =>
		(await server.post(`/v1/algo/${path}`, JSON.stringify(input))).body;
	const result = async (path: string, input: unknown) => {
		const { error, result } = await call(path, input);
		expect(error).toBeUndefined();
		return result;
	};

	test("has an answer in the table above", () => {
		const found = server.engine.versions
			.filter(({ entry }) => entry.endsWith(".py"))
			.map(({ ref }) => ref);
		expect(found.sort()).toEqual(Object.keys(ANSWERS).sort());
	});

	test.each(Object.entries(ANSWERS))(
		"(%s) answers over HTTP",
		async (path, [input, expected]) => {
			expect(await result(path, input)).toEqual(expected);
		},
	);

	test.each(Object.keys(ANSWERS))(
		"(%s) has a summary and a sample input that runs",
		async (path) => {
			const { manifest } =
				server.engine.versions.find(({ ref }) => ref === path) ?? {};
			expect(manifest?.summary).toMatch(/\w/);
			await result(path, manifest?.sampleInput);
		},
	);

	test("is up to date once it is installed, and check says ok", async () => {
		const installed = await applyd(["install"], { cwd: folder });
		expect(installed.stdout).toBe(
			"up to date  ml/IrisClassifier/1.0.0\nup to date  nlp/SentimentAnalysisPy/1.0.0\n",
		);
		const refs = Object.keys(ANSWERS);
		const { stdout } = await applyd(["check", ...refs], { cwd: folder, env });
		for (const ref of refs)
			expect(stdout).toMatch(
				new RegExp(`^ok +${ref} +ran its sampleInput$`, "m"),
			);
	});

	describe("nlp/SentimentAnalysisPy", () => {
		test("takes a document, and a list by the same endpoint", async () => {
			const path = "nlp/SentimentAnalysisPy";
			expect(await result(path, { document: "I love it" })).toBe(0.5);
			const list = ["I love it", { document: "I hate it" }];
			expect(await result(path, list)).toEqual([0.5, -0.8]);
			expect(await result(path, "the table")).toBe(0);
		});

		test.each([[5], [{ text: "I love it" }], [["I love it", null]]])(
			"names a wrong input: %j",
			async (input) => {
				const { error } = await call("nlp/SentimentAnalysisPy", input);
				expect(error).toMatchObject({
					error_type: "InputError",
					message: 'input must be a text or {"document": text}',
				});
			},
		);
	});

	describe("ml/IrisClassifier", () => {
		test("knows a flower by the names of its measurements", async () => {
			const flower = {
				petal_length: 4.2,
				petal_width: 1.5,
				sepal_length: 5.9,
				sepal_width: 3,
			};
			expect(await result("ml/IrisClassifier", flower)).toEqual({
				species: "versicolor",
				probability: 0.84,
			});
		});

		test.each([
			[[5.9, 3, 4.2], "input must NOT have fewer than 4 items"],
			[[5.9, 3, 4.2, "1.5"], "input at /3 must be number"],
			[
				{ sepal_length: 5.9 },
				"input must have required property 'sepal_width'",
			],
		])("refuses %j by its schema", async (flower, message) => {
			const { error } = await call("ml/IrisClassifier", flower);
			expect(error).toMatchObject({ error_type: "InputError", message });
		});

		test("has a model that train.py makes again", async () => {
			const version = join(root, "ml/IrisClassifier/1.0.0");
			await rm(join(version, "model.pkl"));
			const train = join(version, "train.py");
			const printed = await run(join(version, ".venv/bin/python"), [train]);
			expect(printed).toMatch(/it knows 9\d%/);
			const { stdout } = await applyd(
				["run", "ml/IrisClassifier", "[6.7, 3.0, 5.2, 2.3]"],
				{ cwd: folder, env },
			);
			expect(stdout).toBe('{"species":"virginica","probability":0.961}\n');
		});
	});

	test("nlp/SentimentAnalysisLoggedPy writes a file for each of many calls at once, the first ones too", async () => {
		const log = "/v1/data/.my/sentiment_log";
		await fetch(`${server.url}${log}?force=true`, { method: "DELETE" });
		const texts = Array.from({ length: 20 }, (_, i) => `day ${i} is lovely`);
		await Promise.all(
			texts.map((text) => result("nlp/SentimentAnalysisLoggedPy", text)),
		);
		const { files } = (await server.get(log)).body;
		const written = await Promise.all(
			(files as { filename: string }[]).map(async ({ filename }) =>
				JSON.parse((await server.get(`${log}/${filename}`)).text),
			),
		);
		expect(written.map(({ input }) => input).sort()).toEqual(texts.sort());
		for (const { at, result } of written)
			expect([Date.parse(at) > 0, result]).toEqual([true, 0.6]);
	});

	describe("nlp/SentimentAnalysisStored", () => {
		const path = "nlp/SentimentAnalysisStored/1.0.0";

		test("keeps every row of many calls at once", async () => {
			const shared = await mkdtemp(join(SHARED, "stored-"));
			const database = join(shared, "sentiment.db");
			const answers: Row[][] = await Promise.all(
				Array.from({ length: 20 }, (_, i) => {
					const texts = [`day ${i} is lovely`, `night ${i} is bad`];
					return result(path, { texts, database });
				}),
			);
			const kept = new DatabaseSync(database)
				.prepare("SELECT * FROM sentiment ORDER BY id")
				.all();
			expect(kept).toHaveLength(40);
			expect(kept.map((row) => ({ ...row }))).toEqual(
				answers.flat().sort((a, b) => a.id - b.id),
			);
		});

		test("tells why it cannot store", async () => {
			const { error } = await call(path, { texts: ["a"], database: folder });
			expect(error.message).toBe("unable to open database file");
		});
	});
});

describe.skipIf(!published)("with the published client", () => {
	beforeAll(() => {
		process.env.APPLYD_PYTHON = join(String(published), "python");
	});
	const server = shareServer({ algorithms: [EXAMPLES] });
	afterAll(() => {
		delete process.env.APPLYD_PYTHON;
	});

	test.each([
		"nlp/SentimentAnalysisBatchPy/1.0.0",
		"nlp/SentimentAnalysisLoggedPy/1.0.0",
		"nlp/SentimentAnalysisStored/1.0.0",
	])("%s answers the same", async (path) => {
		const [input, expected] = ANSWERS[path] ?? [];
		const { body } = await server.post(
			`/v1/algo/${path}`,
			JSON.stringify(input),
		);
		expect(body.result).toEqual(expected);
	});
});
