import { expect, test } from "vitest";
import { formatOf } from "../../server/job-format.ts";

test.each([
	["a.ndjson", "ndjson"],
	["a.jsonl.gz", "ndjson"],
	["dir.csv/a", "ndjson"],
	["a.csv", "csv"],
	["A.CSV.GZ", "csv"],
	["a.json", "json"],
	["a.txt.gz", "text"],
	["-", "ndjson"],
	[".csv", "ndjson"],
])("%s is %s", (file, format) => {
	expect(formatOf(file)).toBe(format);
});

test("Parquet is refused by name", () => {
	expect(() => formatOf("a.parquet")).toThrow(/Parquet, which cannot be read/);
});
