import { describe, expect, it } from "vitest";
import { shareServer } from "../../../server/support.ts";

const server = shareServer();

const result = async (path: string, input: unknown) => {
	const { body } = await server.call(path, input);
	expect(body.error).toBeUndefined();
	return body.result;
};

describe("a module", () => {
	it.each([
		[
			"DefaultFunction",
			"its default export that is a function",
			"default function got x",
		],
		[
			"DefaultObject",
			"the members of its default export",
			"default object got x and its load",
		],
		[
			"ExportsFunction",
			"module.exports that is a function",
			"module.exports got x",
		],
		["CallbackFree", "exports.apply", { got: "x" }],
		["Echo", "an export named apply", "x"],
	])("(%s) is run by %s", async (path, _, expected) => {
		expect(await result(path, "x")).toEqual(expected);
	});

	it("may be TypeScript", async () => {
		expect(await result("TypeScript", { a: 1, b: 2 })).toBe(3);
	});

	it("sees what its load returned, who calls, and under which id", async () => {
		const { body } = await server.call("Context", null, {
			"X-Request-Id": "seen-1",
		});
		expect(body.result).toEqual({
			loaded: { words: 3 },
			requestId: "seen-1",
			caller: { account: "local" },
			remainingMs: "function",
			aborted: false,
		});
	});
});

describe("a CommonJS apply", () => {
	it.each([
		["sync", "sync"],
		["async", "async"],
		["undefined", "no error"],
		["promise", "promise"],
		["value", "value"],
		["twice", "first"],
		["async and a handle", "after the handle"],
		["bytes", Buffer.from("bytes").toString("base64")],
		["nothing", null],
		["empty", "no error"],
		["false", "no error"],
		["throws after", "answered"],
	])(
		"answers by its callback, a promise or a value: %s",
		async (way, expected) => {
			expect(await result("Callback?timeout=5", way)).toBe(expected);
		},
	);

	it.each([
		["error text", "just a text", undefined, "AlgorithmError"],
		["error object", "an object", "TypeError: an object", "AlgorithmError"],
		["typed error", "no more", "Error: no more", "QuotaError"],
		["throws", "thrown", "Error: thrown", "AlgorithmError"],
		["rejected", "rejected", "Error: rejected", "AlgorithmError"],
	])(
		"fails with the error of its callback, or what it throws: %s",
		async (way, message, stack, errorType) => {
			const { status, body } = await server.call("Callback", way);
			expect(status).toBe(200);
			expect(body.error).toMatchObject({ message, error_type: errorType });
			if (stack === undefined)
				expect(body.error).not.toHaveProperty("stacktrace");
			else {
				expect(body.error.stacktrace).toContain(stack);
				expect(body.error.stacktrace).toContain("Callback/1.0.0/index.js");
			}
		},
	);

	it("without a callback that returns nothing answers void", async () => {
		const { body } = await server.call("CallbackFree", "nothing");
		expect(body).toMatchObject({
			result: null,
			metadata: { content_type: "void" },
		});
	});
});

describe("a version that cannot be loaded", () => {
	const failure = async (path: string) => {
		const { status, body } = await server.call(path, 1);
		expect(status).toBe(200);
		expect(body).not.toHaveProperty("result");
		expect(body.metadata.duration).toBeGreaterThan(0);
		return body.error;
	};

	it.each([
		["BadSyntax/1.0.0", "index.mjs:3"],
		["BadSyntax/1.0.1", "index.ts:3"],
		["BadSyntax/1.0.2", "index.js:2"],
		["BadSyntax/1.0.3", "lib/words.mjs:3"],
		["ThrowsAtImport", "index.mjs:5"],
		["MissingDependency/1.0.0", "a-package-that-nobody-installed"],
		["MissingDependency/1.0.1", "a-package-that-nobody-installed"],
		["NoApply/1.0.0", "index.mjs has no apply"],
		["NoApply/2.0.0", "index.js has no apply"],
		["ThrowsInLoad", "load() failed: no model today"],
		["NoEntry", "no entry: none of index.ts"],
		["BadManifest", 'unknown key "sumary"; did you mean "summary"?'],
		["BadSchema", "algorithm.json: input is no JSON Schema"],
	])("(%s) is a LoadingError that says why: %s", async (path, why) => {
		const error = await failure(path);
		expect(error.error_type).toBe("LoadingError");
		expect(error.message).toContain(why);
	});

	it.each([
		["ThrowsAtImport", "ThrowsAtImport/1.0.0/index.mjs:5"],
		["ThrowsInLoad", "ThrowsInLoad/1.0.0/index.mjs:2"],
	])("(%s) has the author's stack", async (path, frame) => {
		const error = await failure(path);
		expect(error.stacktrace).toContain(frame);
		expect(error.stack_trace).toBe(error.stacktrace);
		expect(error.stacktrace).not.toContain("src/workers/node/");
	});

	it("because it exits says with which code", async () => {
		const error = await failure("ExitsAtImport");
		expect(error.error_type).toMatch(/^(SystemExit|LoadingError)$/);
		expect(error.message).toContain("exited with code 3");
	});

	it("says the same to the next caller, and disturbs no other version", async () => {
		const [first, second] = [
			await failure("NoApply/1.0.0"),
			await failure("NoApply/1.0.0"),
		];
		expect(second).toEqual(first);
		expect(await result("Echo", "fine")).toBe("fine");
	});
});
