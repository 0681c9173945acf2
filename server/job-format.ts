import { extname } from "node:path";
import type { JobFormat } from "../src/index.ts";

const BY_EXTENSION: Record<string, JobFormat> = {
	".csv": "csv",
	".json": "json",
	".txt": "text",
	".parquet": "parquet",
};

/** How a file is written, by its name; `.gz` at the end says nothing of that. */
export const formatOf = (file: string): JobFormat =>
	BY_EXTENSION[extname(file.replace(/\.gz$/i, "")).toLowerCase()] ?? "ndjson";
