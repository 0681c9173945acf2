import { expect, test } from "vitest";
import { isCovered } from "../../../../src/data/connectors/pattern.ts";

test.each([
	["*", "b", true],
	["*", "b/a/c", true],
	["b/*", "b", true],
	["b/*", "b/x/y", true],
	["b/*", "bb/x", false],
	["b/in/*", "b", false],
	["b/in/*", "b/in", true],
	["b/in/*", "b/inner/x", false],
	["b/x", "b/x", true],
	["b/x", "b/xy", false],
	["b/*.csv", "b/x/y.csv", true],
	["b/*.csv", "b/x.csv.gz", false],
	["*a*b*", "xxaxxbxx", true],
	["*a*b*", "xxbxxaxx", false],
	["ab*ba", "aba", false],
	["b/.*", "b/x", false],
])("%s covers %s: %s", (pattern, path, expected) => {
	expect(isCovered(path, pattern)).toBe(expected);
});
