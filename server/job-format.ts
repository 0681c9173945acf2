import { extname } from "node:path";
import { type JobFormat, UsageError } from "../src/index.ts";

const BY_EXTENSION: Record<string, JobFormat> = {
	".csv": "csv",
	".json": "json",
	".txt": "text",
};

/** How a file is written, by its name; `.gz` at the end says nothing of that. @throws UsageError it is Parquet */
export function formatOf(file: string): JobFormat {
	const extension = extname(file.replace(/\.gz$/i, "")).toLowerCase();
	if (extension === ".parquet")
		throw new UsageError(
			`${file} seems to be Parquet, which cannot be read; write it as NDJSON or CSV, or say with --format what it is`,
		);
	return BY_EXTENSION[extension] ?? "ndjson";
}
