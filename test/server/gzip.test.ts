import { describe, expect, it } from "vitest";
import { takesGzip } from "../../server/gzip.ts";

describe("a client takes gzip", () => {
	it.each([
		["gzip", true],
		["deflate, gzip;q=0.5, *;q=0", true],
		["GZip ; q=1", true],
		["*", true],
		["br", false],
		["gzip;q=0", false],
		["gzip;q=0, *", false],
		["identity", false],
		[undefined, false],
	])("with Accept-Encoding %j: %j", (accepted, takes) => {
		expect(takesGzip({ "accept-encoding": accepted })).toBe(takes);
	});
});
