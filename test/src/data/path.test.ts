import { describe, expect, test } from "vitest";
import { parsePath } from "../../../src/data/path.ts";

test.each([
	["", "data", []],
	["/", "data", []],
	["data://", "data", []],
	["data:", "data", []],
	[".my", "data", [".my"]],
	["data://.my/photos/a.png", "data", [".my", "photos", "a.png"]],
	["data:/.my/photos", "data", [".my", "photos"]],
	["/ada/photos/", "data", ["ada", "photos"]],
	["s3://bucket/key", "s3", ["bucket", "key"]],
	["s3+Lab1://bucket/a/b", "s3+Lab1", ["bucket", "a", "b"]],
	["dropbox://x", "dropbox", ["x"]],
	["ada/c/100% sure+more", "data", ["ada", "c", "100% sure+more"]],
	["ada/c/...", "data", ["ada", "c", "..."]],
	["ada/c/..x", "data", ["ada", "c", "..x"]],
	["ada/c/a:b", "data", ["ada", "c", "a:b"]],
])("%j is of the connector %j", (text, connector, names) => {
	expect(parsePath(text)).toEqual({ connector, names });
});

describe("a path is refused", () => {
	test.each([
		["..", "has a name '..'"],
		["ada/../bob/c/x", "has a name '..'"],
		["ada/c/..", "has a name '..'"],
		["./ada", "has a name '.'"],
		["data://../x", "has a name '..'"],
		["ada//x", "empty name"],
		["ada/c/a\0b", "control character"],
		["ada/c/a\nb", "control character"],
		["ada/c/\x7f", "control character"],
		["ada/c/\ud800", "Unicode"],
	])("%j", (text, why) => {
		expect(() => parsePath(text)).toThrow(why);
	});

	test("with an unknown connector, as not found", () => {
		for (const text of ["ftp://x", "s3+a-b://x", "S3://x", "data+://x"])
			expect(() => parsePath(text), text).toThrow("path not found");
	});
});
