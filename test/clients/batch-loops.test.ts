import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, readDocument } from "../support/document.ts";
import type { ServerProcess } from "../support/process.ts";
import { until } from "../support/until.ts";
import { optional } from "./optional.ts";
import { pythonClient } from "./python/client.ts";
import { run } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const guide = await readDocument("docs/batch.md");
const bin = await optional("the guide's client loops", pythonClient);

const BAD = 'input must be a text or {"document": text}';
const DOCUMENTS = [
	{ document: "I love it", result: 0.6 },
	{ document: "It is Tuesday", result: 0 },
	{ document: 4, result: null },
	{ document: "I hate it", result: -0.6 },
	{ document: "What a lovely day, but I hate it", result: 0 },
];

/** Items as the guide's file has them. Neighbours have different answers, and one in five is bad. */
const reviewsOf = (count: number) =>
	Array.from({ length: count }, (_, i) => {
		const { document, result } = DOCUMENTS[i % DOCUMENTS.length] ?? {};
		return { id: `r${i}`, document, result };
	});

describe.skipIf(bin === undefined)(
	"the loops of docs/batch.md, unmodified, with the Python client 2.0.5",
	() => {
		let server: ServerProcess;
		let folder: string;
		beforeAll(async () => {
			folder = await mkdtemp(join(tmpdir(), "applyd-loops-"));
			// As many as the loop with threads has, so none of its calls may be refused.
			server = await startServer(["--max-sessions", "8"]);
			for (const { file, text } of blocksOf(guide))
				if (file && /^\w+\.py$/.test(file))
					await writeFile(join(folder, file), text);
		});
		afterAll(async () => {
			await server.close();
			await rm(folder, { recursive: true, force: true });
		});

		/** Runs a loop over so many reviews, which takes so many calls. @returns the lines that it printed */
		const loop = async (script: string, count: number, calls: number) => {
			const lines = reviewsOf(count).map(({ id, document }) =>
				JSON.stringify({ id, document }),
			);
			await writeFile(join(folder, "reviews.ndjson"), `${lines.join("\n")}\n`);
			const before = callsLogged();
			const printed = await run(join(String(bin), "python"), [script], {
				cwd: folder,
				env: clientEnvironment(server),
			});
			await until(
				`${script} has made ${calls} calls`,
				() => callsLogged() === before + calls,
			);
			return printed.trimEnd().split("\n");
		};
		const callsLogged = () =>
			server.log.filter(({ msg }) => msg === "call").length;
		const python = (value: unknown) =>
			value === null ? "None" : JSON.stringify(value);

		test("serial: each review is answered in its turn, a bad one with its error", async () => {
			const lines = await loop("serial.py", 100, 100);
			expect(lines).toEqual(
				reviewsOf(100).map(({ result }) =>
					result === null ? `InputError ${BAD}` : python(result),
				),
			);
		});

		test("threads: the answers are in the order of the reviews, a bad one costs itself", async () => {
			const lines = await loop("threads.py", 400, 400);
			const answers = reviewsOf(400).map(({ result }) =>
				result === null ? `{'error': '${BAD}'}` : python(result),
			);
			expect(lines).toEqual([`[${answers.join(", ")}]`]);
		});

		test("chunks: a call a chunk, and each failure by its place in all of them", async () => {
			const lines = await loop("chunks.py", 2500, 3);
			const reviews = reviewsOf(2500);
			const expected = [0, 1000, 2000].flatMap((start) => {
				const chunk = reviews.slice(start, start + 1000);
				const bad = chunk.filter(({ result }) => result === null);
				return [
					`[${chunk.map(({ result }) => python(result)).join(", ")}]`,
					...bad.map(({ id }) => `${id.slice(1)} ${BAD}`),
				];
			});
			expect(lines).toEqual(expected);
		});
	},
);
