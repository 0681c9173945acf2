import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerProcess } from "../support/process.ts";
import { optional } from "./optional.ts";
import { observePython, pythonClient } from "./python/client.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const bin = await optional("the Python client", pythonClient);

describe.skipIf(bin === undefined)("data by the Python client 2.0.5", () => {
	let server: ServerProcess;
	let seen: Seen;
	beforeAll(async () => {
		server = await startServer();
		seen = await observePython(
			String(bin),
			"data.py",
			clientEnvironment(server),
		);
	}, 120_000);
	afterAll(() => server.close());

	test.each([
		["exists, before", false],
		["create", null],
		["exists", true],
		["text", "Grüße, 世界\n"],
		["text without an extension", "plain"],
		["text that looks like JSON", "5"],
		["JSON", { a: [1, null] }],
		["bytes", { bytes: "AP8=" }],
		["no bytes", { bytes: "" }],
		["overwritten", { bytes: Buffer.from("other").toString("base64") }],
		["names", ["a b.txt", "a+b.txt", "ü世.txt"]],
		["file", true],
		["zip", "in a zip"],
		["read", "Grüße, 世界\n"],
		["file exists", true],
		["file does not exist", false],
		["size and time", [Buffer.byteLength("Grüße, 世界\n"), true]],
		["username", "local"],
		["1100 files", true],
		["permissions", "my_algos"],
		["permissions: public", [true, "public"]],
		["permissions: private", [true, "private"]],
		["permissions: my_algos", [true, "my_algos"]],
		["create public", "public"],
		["create private", "private"],
		["delete a file", true],
		["file is gone", false],
		["still there", true],
		["delete with force", [true, true]],
		["gone", [false, false]],
	])("%s: %j", (step, result) => {
		expect(seen[step]).toEqual(result);
	});

	test("a collection lists its files by name", () => {
		expect(seen.files).toEqual(
			[
				...["5.txt", "a b.txt", "a+b.txt", "a.bin", "a.json", "empty"],
				...["large.bin", "note.zip", "text", "text.txt", "ü世.txt"],
			].sort(),
		);
	});

	test("an account lists its collections", () => {
		expect(seen.dirs).toEqual(["python_robots"]);
	});

	test.each([
		["create again", "Exception", /<Response \[409\]>$/],
		["put into what is not there", "Exception", /<Response \[404\]>$/],
		[
			"get what is not there",
			"DataApiError",
			/^unable to get file .* - path not found$/,
		],
		["delete it again", "DataApiError", /^path not found$/],
		["delete what is not empty", "DataApiError", /^directory is not empty$/],
		["permissions of what is not there", "DataApiError", /path not found/],
		["list what is gone", "DataApiError", /path not found/],
	])("%s raises %s", (step, raised, message) => {
		expect(seen[step]).toEqual({
			raised,
			message: expect.stringMatching(message),
		});
	});
});
