import type { Ref } from "../registry/ref.ts";

/** What an input is made of: lines of JSON, rows below a header, one array, lines of text. */
export const JOB_FORMATS = ["ndjson", "csv", "json", "text"] as const;
export type JobFormat = (typeof JOB_FORMATS)[number];

export const JOB_STATUSES = [
	"queued",
	"running",
	"cancelling",
	"cancelled",
	"completed",
	"failed",
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What whoever makes a job asks for. */
export interface JobOptions {
	/** Resolved when the job is made: it runs that version to its end. */
	algorithm: Ref;
	/** A file, `data://…`; absent for an upload. Compressed with gzip is found out by itself. */
	input?: string | undefined;
	/** Absent: by the name of the input's file, else `ndjson`. */
	format?: JobFormat | undefined;
	/** Of the cells of `csv`: as they stand, or numbers, booleans and null where they look so. Default `text`. */
	csvTypes?: "text" | "infer" | undefined;
	/** A file, `data://…`, that gets a copy of the output when all is done. */
	output?: string | undefined;
	/** Workers at most, a whole number from 1. */
	concurrency?: number | undefined;
	/** How often an item is tried in all, a whole number from 1. Default 3. */
	maxAttempts?: number | undefined;
	/** More failed items than that, and the job fails; absent or null: no bound. */
	maxErrors?: number | null | undefined;
	/** Bounds each item; absent for the version's own or the server's default. */
	timeoutSeconds?: number | undefined;
	label?: string | undefined;
	/** The caller's own, given back as it came. */
	metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** A job as its owner sees it. Times are ISO 8601. */
export interface JobView {
	id: string;
	/** `owner/name/version` */
	algorithm: string;
	status: JobStatus;
	label?: string;
	metadata?: Readonly<Record<string, unknown>>;
	format: JobFormat;
	items: {
		/** `null` until the input has been read to its end. */
		total: number | null;
		succeeded: number;
		failed: number;
		/** Known to be there, without an outcome that is stored. */
		pending: number;
	};
	/** Items a second over the last 10 s; 0 unless it runs. */
	rate: number;
	/** While it runs, as far as it can be told. */
	secondsLeft?: number;
	createdAt: string;
	startedAt?: string;
	finishedAt?: string;
	/** Why it failed. */
	error?: { message: string; error_type?: string };
	/** It runs and cannot go on: why. It does by itself when the reason is gone. */
	paused?: string;
	/** Paths of the API. */
	output: string;
	errors: string;
}

export interface JobFilter {
	status?: JobStatus | undefined;
	/** A version, or all of a name. */
	algorithm?: Ref | undefined;
	/** 1 to 1000. */
	limit: number;
	/** The `marker` of the page before. */
	marker?: string | undefined;
}

/** Told while a job is watched; once it has finished nothing more is told. */
export interface JobListener {
	/** At once, and then whenever something has changed, once a second at most. */
	onProgress(view: JobView): void;
	onFinished(view: JobView): void;
}
