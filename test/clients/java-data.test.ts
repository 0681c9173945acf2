import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerProcess } from "../support/process.ts";
import { javaClient, observeJava } from "./java/client.ts";
import { optional } from "./optional.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const jars = await optional("the Java client", javaClient);

describe.skipIf(jars === undefined)("data by the Java client 1.0.16", () => {
	let server: ServerProcess;
	let seen: Seen;
	beforeAll(async () => {
		server = await startServer();
		seen = await observeJava(String(jars), "Data", clientEnvironment(server));
	}, 120_000);
	afterAll(() => server.close());

	const MY_ALGORITHMS = ["algo://.my/*"];

	test.each([
		["exists, before", false],
		["create", true],
		["text", "Grüße, 世界\n"],
		["bytes", [0, -1]],
		["stream", true],
		["file", "from a file"],
		["names", ["a b.txt", "a+b.txt", "ü世.txt"]],
		["file exists", true],
		["file does not exist", false],
		[
			"files",
			[
				...["a b.txt", "a+b.txt", "a.bin"],
				...["stream.bin", "text.txt", "ü世.txt"],
			],
		],
		["dirs", ["java_robots"]],
		["1100 files", true],
		["permissions", MY_ALGORITHMS],
		["permissions: public", [true, ["user://*"]]],
		["permissions: private", [true, []]],
		["permissions: my algorithms", [true, MY_ALGORITHMS]],
		["create private", []],
		["delete a file", false],
		["delete with force", [false, false]],
	])("%s: %j", (step, result) => {
		expect(seen[step]).toEqual(result);
	});

	test.each([
		["create again", /^409 .*directory already exists/],
		["get what is not there", /^404 not found: .*path not found/],
		["put into what is not there", /^404 not found: .*path not found/],
		["delete it again", /^404 not found: .*path not found/],
		["delete what is not empty", /^409 .*directory is not empty/],
	])("%s is an APIException with the server's own words", (step, message) => {
		expect(seen[step]).toMatchObject({
			thrown: "APIException",
			message: expect.stringMatching(message),
		});
	});
});
