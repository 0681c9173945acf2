import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIXTURES, startApp, type TestServer } from "../support/app.ts";
import { PYTHON_FIXTURES } from "../support/languages.ts";
import { type Answer, freshFolder, ISOLATIONS, post } from "./support.ts";

// Short calls travel in groups. Here one in the middle of sixty is no short call.
const GROUPS = [
	...ISOLATIONS.map(({ isolation, version }) => ({
		of: `isolation ${isolation}`,
		version,
		algorithms: [FIXTURES],
		never: "never",
		exit: "exit",
	})),
	...["1.0.0", "2.0.0"].map((version) => ({
		of: version === "1.0.0" ? "Python workers" : "forked Python workers",
		version,
		algorithms: [PYTHON_FIXTURES],
		never: "sleep",
		exit: "os_exit",
	})),
];
describe.each(GROUPS)(
	"a group of $of",
	({ version, algorithms, never, exit }) => {
		let server: TestServer;

		beforeAll(async () => {
			server = await startApp({ algorithms, maxSessions: 1000 });
			// The version is known to be short: its calls are coalesced from here on.
			for (let i = 0; i < 50; i++) await callMany(server, version, 20);
		});
		afterAll(() => server.close());

		test.each([
			["loop", "TimeoutError", 2],
			["regex", "TimeoutError", 2],
			[never, "TimeoutError", 2],
			[exit, "SystemExit", 20],
			["push", "OutOfMemoryError", 20],
		])(
			"%s costs one call: the others are answered, and each ran once",
			async (weapon, errorType, seconds) => {
				const folder = await freshFolder();
				const culprit = post(
					server,
					`attack/Weapons/${version}?timeout=${seconds}`,
					{
						do: weapon,
						code: 3,
					},
				);
				const before = callMany(server, version, 30, folder);
				const others = [
					...(await before),
					...(await callMany(server, version, 30, folder)),
				];
				expect((await culprit).error?.error_type).toBe(errorType);
				expect(others.map(({ result, error }) => result ?? error)).toEqual(
					new Array(60).fill("fine"),
				);
				expect(await readdir(folder)).toHaveLength(60);
			},
		);

		test("a segfault spares those that had finished and those that had not started", async () => {
			const folder = await freshFolder();
			const answers = callMany(server, version, 30, folder);
			const culprit = post(server, `attack/Weapons/${version}`, {
				do: "segfault",
			});
			const later = callMany(server, version, 30, folder);
			expect((await culprit).error?.error_type).toBe("SystemExit");
			const others = [...(await answers), ...(await later)];
			const lost = others.filter(({ error }) => error);
			// Only a call that ran in a sibling thread at that very moment may be lost with the process.
			expect(lost.slice(1)).toEqual([]);
			for (const { error } of lost)
				expect(error?.error_type).toBe("SystemExit");
		});
	},
);

/** Sends short calls at the same moment; each leaves a file of its own in the folder, and fails if it is there. */
function callMany(
	server: TestServer,
	version: string,
	count: number,
	folder?: string,
): Promise<Answer[]> {
	return Promise.all(
		Array.from({ length: count }, () =>
			post(server, `attack/Weapons/${version}`, {
				do: "nothing",
				...(folder && { began: join(folder, randomUUID()) }),
			}),
		),
	);
}
