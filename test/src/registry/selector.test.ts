import { describe, expect, it } from "vitest";
import {
	newestFirst,
	parseSelector,
	select,
} from "../../../src/registry/selector.ts";

const hosted = (
	version: string,
	visibility: "public" | "private" = "public",
) => ({
	version,
	visibility,
	numbers: version.split(".").map(Number),
});

const VERSIONS = [
	hosted("0.9.9"),
	hosted("0.10.0"),
	hosted("0.10.1", "private"),
	hosted("1.0.0"),
	hosted("1.2.3"),
	hosted("1.2.10"),
	hosted("1.2.11", "private"),
	hosted("1.10.0"),
	hosted("2.0.0", "private"),
	hosted("1.9.0", "private"),
].sort(newestFirst);

const find = (text?: string, versions = VERSIONS) => {
	const selector = parseSelector(text);
	return selector && select(versions, selector)?.version;
};

describe("a selector", () => {
	it.each([
		[undefined, "1.10.0"],
		["", "1.10.0"],
		["latest", "1.10.0"],
		["latestPrivate", "2.0.0"],
		["0.9.9", "0.9.9"],
		["1.2.3", "1.2.3"],
		["1.2.11", "1.2.11"],
		["0", "0.10.0"],
		["0.*", "0.10.0"],
		["0.x", "0.10.0"],
		["0.x.x", "0.10.0"],
		["0.*.*", "0.10.0"],
		["1", "1.10.0"],
		["1.x.x", "1.10.0"],
		["1.2", "1.2.10"],
		["1.2.*", "1.2.10"],
		["1.2.x", "1.2.10"],
		["0.9", "0.9.9"],
	])("%j means %j", (text, version) => {
		expect(find(text)).toBe(version);
	});

	it.each([
		"1.2.4",
		"3",
		"1.3",
		"v1.2.3",
		"1.2.3.4",
		"1.x.3",
		"x.2.3",
		"*",
		"newest",
		"Latest",
		"1.2.",
		".1",
		"-1",
		"1 ",
		"1.2.3-beta",
		"01.2.3",
		"__proto__",
		"1".repeat(400),
		"abcdef0123456789abcdef0123456789abcdef01",
	])("%j means nothing", (text) => {
		expect(find(text)).toBeUndefined();
	});

	it.each([
		["2"],
		["2.0"],
		["2.0.x"],
		["2.x.x"],
		["1.9"],
		["latest"],
		[undefined],
	])("%j never reaches a private version", (text) => {
		const privates = VERSIONS.filter(
			({ visibility }) => visibility === "private",
		);
		expect(find(text, privates)).toBeUndefined();
		expect(find("2.0.0", privates)).toBe("2.0.0");
	});

	it("latestPrivate never reaches a public version", () => {
		expect(find("latestPrivate", [hosted("1.0.0")])).toBeUndefined();
	});
});

describe("the newest", () => {
	it("is the highest by number: 0.10.0 is newer than 0.9.9", () => {
		const versions = ["0.9.9", "0.10.0", "0.2.10", "0.2.9", "10.0.0", "9.9.9"];
		expect(
			versions
				.map((version) => hosted(version))
				.sort(newestFirst)
				.map(({ version }) => version),
		).toEqual(["10.0.0", "9.9.9", "0.10.0", "0.9.9", "0.2.10", "0.2.9"]);
	});
});
