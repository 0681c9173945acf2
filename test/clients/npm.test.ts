import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerProcess } from "../support/process.ts";
import { observeNpm } from "./npm/client.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

describe("the npm client 0.3.10", () => {
	let server: ServerProcess;
	let seen: Seen;
	beforeAll(async () => {
		server = await startServer();
		seen = await observeNpm("calls.js", clientEnvironment(server));
	}, 120_000);
	afterAll(() => server.close());

	test.each([
		["text", "text", "foo"],
		["object", "json", { foo: [1, null, "bar"] }],
		["bytes", "binary", "AP8="],
		["null", "json", { kind: "null", value: null }],
		["nothing returned", "void", null],
	])("pipe: %s comes back as %s", (step, content_type, result) => {
		expect(seen[step]).toEqual({
			status: 200,
			result,
			metadata: {
				content_type,
				duration: expect.any(Number),
				request_id: expect.stringMatching(/^req-/),
			},
		});
	});

	test.each([
		["get: text", "Hello HAL 9000"],
		["get: list", ["transformer", "retransform"]],
		["get: bytes", { bytes: "AP8=" }],
		["get: nothing", null],
		["get: a failure", { thrown: "This is an exception" }],
		["pipeJson", { a: [1] }],
		["unicode", "☎ Grüße, 世界 𝄞"],
		["large", true],
		["references", Array(3).fill("Hello foo")],
		["an address with a slash", "Hello foo"],
		["60 calls at once", Array.from({ length: 60 }, (_, i) => i + 1)],
	])("%s", (step, result) => {
		expect(seen[step]).toEqual(result);
	});

	test("options ride in the reference", () => {
		expect(seen.options).toMatchObject({
			result: "printed",
			metadata: {
				stdout: "one\n",
				timing: { running: expect.any(Number), total: expect.any(Number) },
			},
		});
	});

	test("of output=raw and output=void the client keeps the status only", () => {
		expect(seen.raw).toEqual({ status: 200 });
		expect(seen.void).toEqual({ status: 200 });
	});

	test.each([
		["a failure", 200, "This is an exception"],
		["a failure with a type", 200, "no more"],
		[
			"a timeout",
			200,
			"Failed to run algorithm - may have timed-out or hit out-of-memory error",
		],
		["no such algorithm", 404, "algorithm algo://no/Such not found"],
		["a wrong option", 400, /^timeout is '0'; it must be a number/],
		["malformed JSON", 400, /^Failed to parse input/],
		["too large", 413, /^the input is .* the limit is 10485760 bytes/],
	])("%s: status %i and the server's own words", (step, status, message) => {
		expect(seen[step]).toMatchObject({
			status,
			error: { message: expect.stringMatching(message) },
		});
	});
});
