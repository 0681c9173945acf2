import type { Caller } from "../accounts/caller.ts";
import type { Apply } from "../apply/apply.ts";
import type { Data } from "../data/data.ts";
import type { JobEvent } from "../events.ts";
import { InputKind } from "../protocol/frames.js";
import { Form } from "../protocol/slice-frames.js";
import type { JobRow } from "../store/jobs.ts";
import type { Lease } from "../store/lease.ts";
import type { Store } from "../store/store.ts";
import type { JobFormat } from "./job.ts";
import { JobFiles } from "./job-files.ts";
import { type InputSource, JobInput } from "./job-input.ts";
import type { KeptOptions } from "./job-options.ts";
import type { ItemRules } from "./open-shard.ts";

/** Leases are renewed a few times in this; somebody else may take what its owner has not renewed for so long. */
export const LEASE_MS = 15_000;

/** What jobs need of the other rooms. */
export interface JobHouse {
	store: Store;
	data: Data;
	apply: Pick<Apply, "items" | "find" | "timeoutMs">;
	/** Takes in what has changed in the folders of algorithms. */
	refresh(): Promise<void>;
	/** An item and an outcome are no larger. */
	maxInputBytes: number;
	/** Told what becomes of a job that is run here. */
	onJob(event: JobEvent): void;
	/** Told what goes wrong in the background. */
	onFault(error: unknown): void;
}

/** A job's row, read. */
export interface Job {
	id: string;
	row: JobRow;
	caller: Caller;
	owner: string;
	name: string;
	version: string;
	options: KeptOptions;
	format: JobFormat;
	files: JobFiles;
	rules: ItemRules;
}

export function jobOf(row: JobRow, { data }: JobHouse): Job {
	const [owner = "", name = "", version = ""] = row.algorithm.split("/");
	const options: KeptOptions = JSON.parse(row.options);
	const format = row.format as JobFormat;
	return {
		id: row.id,
		row,
		caller: JSON.parse(row.caller),
		owner,
		name,
		version,
		options,
		format,
		files: new JobFiles(data.jobFiles, row.id),
		rules: {
			form: format === "json" ? Form.LIST : Form.LINES,
			inputKind: format === "text" ? InputKind.TEXT : InputKind.JSON,
			maxAttempts: options.maxAttempts,
		},
	};
}

export const leaseOf = (owner: string): Lease => ({
	owner,
	until: Date.now() + LEASE_MS,
});

export function inputOf(job: Job, house: JobHouse): JobInput {
	const { inputBytes: bytes, inputEtag: etag, isGzip } = job.row;
	return new JobInput(sourceOf(job, house.data), {
		bytes,
		etag,
		isGzip: isGzip === 1,
	});
}

function sourceOf(
	{ caller, files, row }: Pick<Job, "caller" | "files" | "row">,
	data: Data,
): InputSource {
	const { input } = row;
	if (input === null)
		return {
			name: "that was uploaded",
			open: (firstByte) => data.jobFiles.get(files.input, { firstByte }),
			stat: () => data.jobFiles.head(files.input),
		};
	const user = { caller };
	return {
		name: input,
		open: (firstByte) => data.get(user, input, { firstByte }),
		stat: () => data.stat(user, input),
	};
}
