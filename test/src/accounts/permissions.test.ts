import { describe, expect, it } from "vitest";
import { FULL_RIGHTS } from "../../../src/accounts/caller.ts";
import {
	mayBrowse,
	mayCall,
	patternFault,
} from "../../../src/accounts/permissions.ts";

describe("a key may call demo/Hello", () => {
	it.each([
		[["algo://*"], true],
		[["algo://demo/*"], true],
		[["algo://DEMO/*"], true],
		[["algo://demo/Hello"], true],
		[["algo://demo/hello/*"], true],
		[["algo://other/X", "algo://demo/Hello"], true],
		[[], false],
		[["algo://dem/*"], false],
		[["algo://demo2/*"], false],
		[["algo://demo/Hell"], false],
		[["algo://demo/Hello2"], false],
		[["algo://other/*"], false],
	])("that allows %j: %s", (algorithms, isAllowed) => {
		const rights = { ...FULL_RIGHTS, algorithms };
		expect(mayCall(rights, "demo", "Hello")).toBe(isAllowed);
	});
});

describe("a pattern of algorithms", () => {
	it.each(["algo://*", "algo://a/*", "algo://a/B_1", "algo://a/B/*"])(
		"is %s",
		(pattern) => expect(patternFault(pattern)).toBeUndefined(),
	);

	it.each([
		"",
		"*",
		"a/*",
		"algo://",
		"algo://a",
		"algo://*/B",
		"algo://a/B/1",
	])("is not %j", (pattern) =>
		expect(patternFault(pattern)).toContain("algo://OWNER/*"),
	);
});

describe("a key may be used in a browser", () => {
	it.each([
		[undefined, "anything.org", true],
		[undefined, undefined, true],
		["example.com", "example.com", true],
		["example.com", "EXAMPLE.com", true],
		["example.com", "www.example.com", false],
		["example.com", "example.com.evil.org", false],
		["example.com", "notexample.com", false],
		["example.com", undefined, false],
		["*.example.com", "www.example.com", true],
		["*.example.com", "a.b.example.com", true],
		["*.example.com", "example.com", false],
		["*.example.com", "notexample.com", false],
		["*.example.com", ".example.com", false],
	])("bound to %s, on a page of %s: %s", (refererHost, host, isAllowed) => {
		const rights = {
			...FULL_RIGHTS,
			...(refererHost !== undefined && { refererHost }),
		};
		expect(mayBrowse(rights, host)).toBe(isAllowed);
		expect(mayBrowse({ ...rights, web: false }, host)).toBe(false);
	});
});
