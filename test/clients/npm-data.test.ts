import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerProcess } from "../support/process.ts";
import { observeNpm } from "./npm/client.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

describe("data by the npm client 0.3.10", () => {
	let server: ServerProcess;
	let seen: Seen;
	beforeAll(async () => {
		server = await startServer();
		seen = await observeNpm("data.js", clientEnvironment(server));
	}, 120_000);
	afterAll(() => server.close());

	test.each([
		["exists, before", false],
		["create", { result: "data://local/npm_robots" }],
		["exists", true],
		["put text", { result: "data://local/npm_robots/a.txt" }],
		["get text", "Grüße, 世界"],
		["getString", "Grüße, 世界"],
		["bytes", "00ff"],
		["putString", "plain"],
		["putJson", { a: [1] }],
		["get of a JSON file", '{"a":[1]}'],
		["putFile", "from a file"],
		["file exists", true],
		["file does not exist", false],
		["files", ["a.bin", "a.json", "a.txt", "b", "c.txt"]],
		["dirs", ["npm_robots"]],
		["1100 files", 1100],
		["delete a file", { result: { deleted: 1 } }],
		[
			"delete with force",
			[{ result: { deleted: 4 } }, { result: { deleted: 1100 } }],
		],
		["gone", false],
	])("%s: %j", (step, result) => {
		expect(seen[step]).toEqual(result);
	});

	test.each([
		["create again", "directory already exists"],
		["getString of what is not there", "path not found"],
		["put into what is not there", "path not found"],
		["delete it again", "path not found"],
		["delete what is not empty", "directory is not empty"],
	])("%s: %s", (step, message) => {
		expect(seen[step]).toMatchObject({ error: { message } });
	});

	test("get calls back with the error itself", () => {
		expect(seen["get what is not there"]).toMatchObject({
			message: "path not found",
		});
	});
});
