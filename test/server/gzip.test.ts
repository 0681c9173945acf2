import { expect, test } from "vitest";
import { takesGzip } from "../../server/gzip.ts";

test.each([
	[undefined, false],
	["", false],
	["gzip", true],
	["deflate, GZIP;q=0.5", true],
	["gzip;q=0", false],
	["gzip; q=0.0, *", false],
	["br, *;q=0.1", true],
	["*;q=0", false],
	["identity", false],
])("Accept-Encoding %j takes gzip: %j", (accepted, expected) => {
	expect(takesGzip(accepted)).toBe(expected);
});
