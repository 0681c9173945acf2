import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerProcess } from "../support/process.ts";
import { optional } from "./optional.ts";
import { observePython, pythonClient } from "./python/client.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const bin = await optional("the Python client", pythonClient);

describe.skipIf(bin === undefined)("the Python client 2.0.5", () => {
	let server: ServerProcess;
	let seen: Seen;
	let managed: Seen;
	beforeAll(async () => {
		server = await startServer();
		const environment = clientEnvironment(server);
		seen = await observePython(String(bin), "calls.py", environment);
		managed = await observePython(String(bin), "management.py", environment);
	}, 120_000);
	afterAll(() => server.close());

	const metadata = (content_type: string) => ({
		content_type,
		duration: expect.any(Number),
		request_id: expect.stringMatching(/^req-/),
	});
	const bytes = (content: Buffer) => ({ bytes: content.toString("base64") });
	const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

	test.each([
		["text", "text", "foo"],
		["object", "json", { foo: [1, null, 1, "bar"] }],
		["list", "json", ["transformer", "retransform"]],
		["bytes", "binary", bytes(everyByte)],
		["bytearray", "binary", bytes(Buffer.from("foo"))],
		["no bytes", "json", { kind: "bytes", hex: "" }],
		["None", "json", { kind: "null", value: null }],
		["nothing returned", "void", null],
	])("pipe: %s comes back as %s", (step, contentType, result) => {
		expect(seen[step]).toEqual({ result, metadata: metadata(contentType) });
	});

	test.each([
		["numbers", "[0, -1.5, 1.0, 1152921504606846976, True]"],
		["unicode text", "☎ Grüße, 世界 𝄞"],
		["unicode JSON", { "☎": ["Grüße", "世界 𝄞"] }],
		["large", true],
		["the default client", "Hello foo"],
		["an address with a slash", "foo"],
		["references", Array(5).fill("Hello foo")],
	])("pipe: %s arrives unchanged", (step, result) => {
		expect(seen[step]).toEqual(result);
	});

	test("pipe: 200 calls from 16 threads get each its own answer", () => {
		expect(seen["200 calls from 16 threads"]).toEqual(
			Array.from({ length: 200 }, (_, i) => i + 1),
		);
	});

	test.each([
		["stdout", "one\ntwo ☎\n"],
		["no stdout", false],
		["timing", { running: expect.any(Number), total: expect.any(Number) }],
		["raw text", "Grüße, 世界\n"],
		["raw JSON", '{"list":[1,null,"a"],"ok":true}'],
		["void", ["void", expect.stringMatching(/^req-/)]],
	])("option: %s", (step, result) => {
		expect(seen[step]).toEqual(result);
	});

	test.each([
		[
			"a failure",
			"This is an exception",
			"AlgorithmError",
			/^Error: This is an exception\n +at .*index\.js:2/,
		],
		["a failure with a type", "no more", "QuotaError", /^Error: no more\n/],
		["a wrong input", "input must be number", "InputError", null],
		[
			"a failure to load",
			"load() failed: no model today",
			"LoadingError",
			/^Error: no model today\n/,
		],
		[
			"a timeout",
			"Failed to run algorithm - may have timed-out or hit out-of-memory error",
			"TimeoutError",
			null,
		],
	])(
		"%s is an AlgorithmException with message, type and stack",
		(step, message, type, stack) => {
			expect(seen[step]).toEqual({
				raised: "AlgorithmException",
				message,
				error_type: type,
				stack_trace: stack && expect.stringMatching(stack),
			});
		},
	);

	test.each([
		["no such algorithm", 404],
		["no such version", 404],
		["a wrong option", 400],
		["a raw failure", 400],
		["too large", 413],
	])(
		"%s raises, and of what the server says the client tells the status only",
		(step, status) => {
			expect(seen[step]).toEqual({
				raised: "Exception",
				message: `Non-Algorithm related Failure: <Response [${status}]>`,
			});
		},
	);

	test("what manages algorithms, users and organisations is told that it is not here", () => {
		expect(Object.keys(managed)).toHaveLength(17);
		for (const [step, answer] of Object.entries(managed))
			expect(JSON.stringify(answer), step).toMatch(
				/is no address of this server|<Response \[404\]>/,
			);
	});
});
