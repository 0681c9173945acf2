import type { Readable } from "node:stream";
import type { Caller } from "../accounts/caller.ts";
import { AlgoError } from "../errors.ts";
import type { JobFilter, JobListener, JobOptions, JobView } from "./job.ts";

/**
 * Jobs: an algorithm over a whole file. A job belongs to the account that made it; to everybody else it is not there.
 * Every method with an id throws NOT_FOUND if the caller has no such job.
 */
export class Jobs {
	/**
	 * Makes a job over a file that is there.
	 * @throws AlgoError BAD_REQUEST naming the option, FORBIDDEN, NOT_FOUND for the algorithm, PATH_NOT_FOUND for the input,
	 *   NOT_IMPLEMENTED for a format that is not built
	 */
	submit(_caller: Caller, _options: JobOptions): Promise<JobView> {
		return notBuilt();
	}

	/**
	 * Makes a job over content that is on its way; it is stored first, any size.
	 * @param isGzip the content was said to be compressed
	 * @throws AlgoError as `submit`, STORAGE_FULL; and whatever the stream fails with
	 */
	upload(
		_caller: Caller,
		_options: JobOptions,
		_content: Readable,
		_isGzip: boolean,
	): Promise<JobView> {
		return notBuilt();
	}

	/** Newest first. @returns `marker` unless nothing follows @throws AlgoError BAD_REQUEST for a marker that was never given */
	list(
		_caller: Caller,
		_filter: JobFilter,
	): Promise<{ jobs: JobView[]; marker?: string }> {
		return notBuilt();
	}

	show(_caller: Caller, _id: string): Promise<JobView> {
		return notBuilt();
	}

	/** What is done is kept. A job that has finished stays as it is. */
	cancel(_caller: Caller, _id: string): Promise<JobView> {
		return notBuilt();
	}

	/** A cancelled or failed job goes on where it stopped; one that is on its way stays as it is. @throws AlgoError CONFLICT if it is completed */
	resume(_caller: Caller, _id: string): Promise<JobView> {
		return notBuilt();
	}

	/** Runs the failed items again. @throws AlgoError CONFLICT while it has not finished */
	retry(_caller: Caller, _id: string): Promise<JobView> {
		return notBuilt();
	}

	/** The job with its files. @throws AlgoError CONFLICT while it has not finished */
	remove(_caller: Caller, _id: string): Promise<void> {
		return notBuilt();
	}

	/** NDJSON in input order: the outcomes that are stored so far. The stream must be read or destroyed. */
	output(_caller: Caller, _id: string): Promise<Readable> {
		return notBuilt();
	}

	/**
	 * NDJSON in input order: the items that have failed so far, `{"index","input","error"}`.
	 * @param options.inputsOnly the bare inputs instead: a file that can be submitted again, CSV rows as JSON
	 */
	errors(
		_caller: Caller,
		_id: string,
		_options: { inputsOnly: boolean },
	): Promise<Readable> {
		return notBuilt();
	}

	/** @returns what ends it */
	watch(
		_caller: Caller,
		_id: string,
		_listener: JobListener,
	): Promise<() => void> {
		return notBuilt();
	}

	/** Goes on with what was begun. */
	start(): void {}

	/** Ends what runs; another start goes on from there. */
	async close(): Promise<void> {}
}

const notBuilt = () =>
	Promise.reject(new AlgoError("NOT_IMPLEMENTED", "jobs are not built yet"));
