import { expect, describe as group, it } from "vitest";
import { describe, TypedError } from "../../../../src/workers/node/errors.js";

const OURS = new URL("../../../../src/workers/node/thread.js", import.meta.url)
	.href;

group("what an author throws", () => {
	it.each([
		["a text", "boom", "boom"],
		["an empty text", "", ""],
		["null", null, "null"],
		["undefined", undefined, "undefined"],
		["a number", 42, "42"],
		["a BigInt", 1n, "1"],
		["a symbol", Symbol("s"), "Symbol(s)"],
		["an object", { reason: "full" }, '{"reason":"full"}'],
		["an object with a message", { message: "full" }, "full"],
		["an object without a prototype", Object.create(null), "{}"],
		["a list", [1, 2], "[1,2]"],
	])("is described when it is %s, without a stack", (_, thrown, message) => {
		expect(describe(thrown)).toEqual({
			message,
			errorType: "AlgorithmError",
		});
	});

	it("is described with message and stack when it is an Error", () => {
		const error = new RangeError("too far");
		const described = describe(error);
		expect(described).toMatchObject({
			message: "too far",
			errorType: "AlgorithmError",
		});
		expect(described.stack).toContain("RangeError: too far");
		expect(described.stack).toContain("errors.test.ts");
	});

	it("has a message even when the Error has none", () => {
		expect(describe(new TypeError()).message).toBe("TypeError");
		expect(
			describe(Object.assign(new Error("x"), { message: 7 })).message,
		).toBe("7");
	});

	it("says its own type as error_type or errorType", () => {
		const typed = (own: object) =>
			describe(Object.assign(new Error("x"), own)).errorType;
		expect(typed({ error_type: "QuotaError" })).toBe("QuotaError");
		expect(typed({ errorType: "QuotaError" })).toBe("QuotaError");
		expect(typed({ error_type: "First", errorType: "Second" })).toBe("First");
		expect(describe({ message: "m", error_type: "Plain" })).toEqual({
			message: "m",
			errorType: "Plain",
		});
	});

	it("keeps a type of its own unchanged, whatever its letters", () => {
		const typed = (error_type: string) =>
			describe(Object.assign(new Error("x"), { error_type })).errorType;
		expect(typed("Quota exceeded")).toBe("Quota exceeded");
		expect(typed("Überlauf")).toBe("Überlauf");
	});

	it.each([7, null, {}, ["InputError"], true])(
		"is an AlgorithmError when its type is no text but %j",
		(error_type) => {
			const error = Object.assign(new Error("x"), { error_type });
			expect(describe(error).errorType).toBe("AlgorithmError");
		},
	);

	it("has a stack without our frames and what lies below them", () => {
		const error = new Error("boom");
		error.stack = [
			"Error: boom",
			"    at apply (file:///root/demo/Hello/1.0.0/index.js:3:9)",
			`    at Worker.run (${OURS}:10:1)`,
			"    at node:internal/process/task_queues:105:5",
		].join("\n");
		expect(describe(error).stack).toBe(
			"Error: boom\n    at apply (file:///root/demo/Hello/1.0.0/index.js:3:9)",
		);
	});

	it("has a stack of bounded length", () => {
		const error = Object.assign(new Error("x"), { stack: "s".repeat(10 ** 6) });
		expect(describe(error).stack?.length).toBe(64 * 1024);
	});

	it("that is an error of ours has no stack", () => {
		expect(describe(new TypedError("InputError", "not a number"))).toEqual({
			message: "not a number",
			errorType: "InputError",
		});
	});
});

group("what cannot be described", () => {
	const hostile = () => {
		throw new Error("hostile");
	};
	const cycle: Record<string, unknown> = {};
	cycle.self = cycle;

	it.each([
		[
			"getters that throw",
			{
				get message() {
					return hostile();
				},
			},
		],
		[
			"a type that throws",
			{
				get error_type() {
					return hostile();
				},
			},
		],
		[
			"a stack that throws",
			{
				get stack() {
					return hostile();
				},
			},
		],
		["a toString that throws", { stack: "s", message: { toString: hostile } }],
		["a toJSON that throws", { toJSON: hostile }],
		["a cycle", cycle],
		["a proxy that refuses", new Proxy({}, { get: hostile })],
		[
			"a revoked proxy",
			(() => {
				const { proxy, revoke } = Proxy.revocable({}, {});
				revoke();
				return proxy;
			})(),
		],
	])("is still an AlgorithmError with a message: %s", (_, thrown) => {
		expect(describe(thrown)).toEqual({
			message: "the algorithm threw something that cannot be described",
			errorType: "AlgorithmError",
		});
	});
});
