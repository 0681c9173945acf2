import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerProcess } from "../support/process.ts";
import { javaClient, observeJava } from "./java/client.ts";
import { optional } from "./optional.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const jars = await optional("the Java client", javaClient);

describe.skipIf(jars === undefined)("the Java client 1.0.16", () => {
	let server: ServerProcess;
	let seen: Seen;
	beforeAll(async () => {
		server = await startServer();
		seen = await observeJava(String(jars), "Calls", clientEnvironment(server));
	}, 120_000);
	afterAll(() => server.close());

	test.each([
		["text", "text", "foo"],
		["object", "json", { foo: [1, null, "bar"] }],
		["null", "json", { kind: "null", value: null }],
		["pipeJson", "json", [1, "a"]],
		["nothing returned", "void", null],
	])("pipe: %s comes back as %s", (step, content_type, result) => {
		expect(seen[step]).toEqual({
			result,
			content_type,
			duration: expect.any(Number),
		});
	});

	test.each([
		["bytes", "AP8="],
		["as a list", ["transformer", "retransform"]],
		["as a number", 42],
		["asString", "Hello HAL 9000"],
		["asJsonString", '{"a":[1]}'],
		["unicode", "☎ Grüße, 世界 𝄞"],
		["large", true],
		["pipeAsync", "[1]"],
		["200 calls from 16 threads", Array.from({ length: 200 }, (_, i) => i + 1)],
		["an address with a slash", "Hello foo"],
		["stdout", "one\n"],
		["no stdout", null],
		["raw", "foo"],
		["void", ["void", expect.stringMatching(/^req-/)]],
		["output=default", "foo"],
	])("%s", (step, result) => {
		expect(seen[step]).toEqual(result);
	});

	test.each([
		[
			"a failure",
			"This is an exception",
			/^Error: This is an exception\n +at /,
		],
		["a wrong input", "input must be number", null],
		[
			"a timeout",
			"Failed to run algorithm - may have timed-out or hit out-of-memory error",
			null,
		],
	])(
		"%s is an AlgorithmException with message and stack",
		(step, message, stack) => {
			expect(seen[step]).toEqual({
				thrown: "AlgorithmException",
				message,
				stacktrace: stack && expect.stringMatching(stack),
			});
		},
	);

	test.each([
		[
			"no such algorithm",
			/^404 not found: .*algorithm algo:\/\/no\/Such not found/,
		],
		["a wrong option", /^400 malformed request: .*timeout is '0'/],
		["malformed JSON", /^400 malformed request: .*Failed to parse input/],
		[
			"too large",
			/^413 unexpected API response: .*the limit is 10485760 bytes/,
		],
	])("%s is an APIException with the server's own words", (step, message) => {
		expect(seen[step]).toMatchObject({
			thrown: "APIException",
			message: expect.stringMatching(message),
		});
	});
});
