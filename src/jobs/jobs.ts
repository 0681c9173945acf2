import type { Readable } from "node:stream";
import { type Caller, isOwner } from "../accounts/caller.ts";
import { heldBack } from "../data/hashing.ts";
import { AlgoError } from "../errors.ts";
import { type Job, type JobHouse, jobOf } from "./house.ts";
import type {
	JobFilter,
	JobListener,
	JobOptions,
	JobStatus,
	JobView,
} from "./job.ts";
import { isJobId } from "./job-id.ts";
import { viewOf } from "./job-view.ts";
import { JobMaker } from "./maker.ts";
import { errorsOf, outputOf } from "./output.ts";
import { startRetention } from "./retention.ts";
import { Rounds } from "./rounds.ts";

/** A watched job is looked at so often. */
const WATCH_MS = 1000;
const FINISHED: readonly JobStatus[] = ["cancelled", "completed", "failed"];

export interface JobsOptions extends JobHouse {
	stateFolder: string;
	maxTimeoutSeconds: number;
	/** Finished jobs are kept so long; 0: for ever. */
	retentionDays: number;
}

/**
 * Jobs: an algorithm over a whole file. A job belongs to the account that made it; to everybody else it is not there.
 * Every method with an id throws NOT_FOUND if the caller has no such job.
 */
export class Jobs {
	readonly #options: JobsOptions;
	readonly #maker: JobMaker;
	readonly #rounds: Rounds;
	#stopRetention: (() => void) | undefined;

	constructor(options: JobsOptions) {
		this.#options = options;
		this.#maker = new JobMaker(options, options.maxTimeoutSeconds);
		this.#rounds = new Rounds(options, options.stateFolder);
	}

	/**
	 * Makes a job over a file that is there.
	 * @throws AlgoError BAD_REQUEST naming the option, FORBIDDEN, NOT_FOUND for the algorithm, PATH_NOT_FOUND for the input,
	 *   NOT_IMPLEMENTED for a format that is not built
	 */
	async submit(caller: Caller, options: JobOptions): Promise<JobView> {
		return this.#made(await this.#maker.ofFile(caller, options));
	}

	/**
	 * Makes a job over content that is on its way; it is stored first, any size.
	 * @param isGzip the content was said to be compressed; it is found out anyway
	 * @throws AlgoError as `submit`, STORAGE_FULL; and whatever the stream fails with
	 */
	async upload(
		caller: Caller,
		options: JobOptions,
		content: Readable,
		isGzip: boolean,
	): Promise<JobView> {
		const held = heldBack(content);
		return this.#made(
			await this.#maker.ofContent(caller, options, held, isGzip),
		);
	}

	/** Newest first. @returns `marker` unless nothing follows @throws AlgoError BAD_REQUEST for a marker that was never given */
	async list(
		caller: Caller,
		{ status, algorithm, limit, marker }: JobFilter,
	): Promise<{ jobs: JobView[]; marker?: string }> {
		if (marker !== undefined && !isJobId(marker))
			throw new AlgoError(
				"BAD_REQUEST",
				`marker is ${JSON.stringify(marker.slice(0, 100))}; it must be the marker of the page before`,
			);
		const { owner, name, selector = "" } = algorithm ?? {};
		const rows = await this.#options.store.jobs.search({
			account: caller.ownsAll ? undefined : caller.account.toLowerCase(),
			status,
			algorithm: algorithm && `${owner}/${name}/${selector}`,
			before: marker,
			limit: limit + 1,
		});
		const shown = rows.slice(0, limit);
		const last = rows.length > limit ? shown.at(-1)?.id : undefined;
		return {
			jobs: shown.map((row) => this.#viewOf(jobOf(row, this.#options))),
			...(last !== undefined && { marker: last }),
		};
	}

	async show(caller: Caller, id: string): Promise<JobView> {
		return this.#viewOf(await this.#find(caller, id));
	}

	/** What is done is kept. A job that has finished stays as it is. */
	async cancel(caller: Caller, id: string): Promise<JobView> {
		await this.#find(caller, id);
		await this.#options.store.jobs.cancel(id, new Date());
		const { row } = await this.#find(caller, id);
		if (row.status === "cancelling") {
			const run = this.#rounds.runOf(id);
			if (run?.isOwner) await run.cancel();
			else this.#rounds.wake();
		}
		return this.show(caller, id);
	}

	/**
	 * A cancelled or failed job goes on where it stopped; one that is on its way stays as it is.
	 * @throws AlgoError CONFLICT if it is completed
	 */
	async resume(caller: Caller, id: string): Promise<JobView> {
		const { row, options } = await this.#find(caller, id);
		if (row.status === "completed" || row.status === "cancelling")
			throw new AlgoError(
				"CONFLICT",
				row.status === "completed"
					? `job ${id} is completed; to run its failed items again, retry it`
					: `job ${id} is being cancelled; try again in a second`,
			);
		await this.#options.store.jobs.resume(id, options.maxErrors ?? null);
		this.#rounds.wake();
		return this.show(caller, id);
	}

	/**
	 * Runs the failed items again; what a cancelled or failed job has not run yet runs too.
	 * @throws AlgoError CONFLICT while it has not finished
	 */
	async retry(caller: Caller, id: string): Promise<JobView> {
		const { options } = await this.#findFinished(caller, id, "retried");
		await this.#options.store.jobs.retry(id, options.maxErrors ?? null);
		this.#rounds.wake();
		return this.show(caller, id);
	}

	/** The job with its files. @throws AlgoError CONFLICT while it has not finished */
	async remove(caller: Caller, id: string): Promise<void> {
		const { files } = await this.#findFinished(caller, id, "deleted");
		if (!(await this.#options.store.jobs.remove(id))) return;
		// The job is gone; what is left of its files goes with the next cleaning.
		await files.removeAll().catch(this.#options.onFault);
	}

	/** NDJSON in input order: the outcomes that are stored so far. The stream must be read or destroyed. */
	async output(caller: Caller, id: string): Promise<Readable> {
		return outputOf(await this.#find(caller, id), this.#options.store);
	}

	/**
	 * NDJSON in input order: the items that have failed so far, `{"index","input","error"}`.
	 * @param options.inputsOnly the bare inputs instead: a file that can be submitted again, CSV rows as JSON
	 */
	async errors(
		caller: Caller,
		id: string,
		options: { inputsOnly: boolean },
	): Promise<Readable> {
		const job = await this.#find(caller, id);
		return errorsOf(job, this.#options.store, options);
	}

	/** @returns what ends it */
	async watch(
		caller: Caller,
		id: string,
		listener: JobListener,
	): Promise<() => void> {
		let timer: NodeJS.Timeout | undefined;
		let told = "";
		const look = (view: JobView) => {
			if (FINISHED.includes(view.status)) {
				listener.onFinished(view);
				return;
			}
			const now = JSON.stringify(view);
			if (now !== told) listener.onProgress(view);
			told = now;
			timer = setTimeout(again, WATCH_MS).unref();
		};
		const again = () =>
			this.show(caller, id).then(
				(view) => timer && look(view),
				() => {
					timer &&= setTimeout(again, WATCH_MS).unref();
				},
			);
		look(await this.show(caller, id));
		return () => {
			clearTimeout(timer);
			timer = undefined;
		};
	}

	/** Goes on with what was begun. */
	start(): void {
		const { store, data, retentionDays: days, onFault } = this.#options;
		const files = data.jobFiles;
		this.#stopRetention = startRetention({ store, files, days, onFault });
		this.#rounds.start();
	}

	/**
	 * Ends what runs; another start goes on from there.
	 * @param graceMs how long items that have begun may run
	 */
	async close(graceMs = 0): Promise<void> {
		this.#stopRetention?.();
		await this.#rounds.close(graceMs);
	}

	async #made(id: string): Promise<JobView> {
		this.#rounds.wake();
		const row = await this.#options.store.jobs.find(id);
		if (!row) throw notFound(id);
		return this.#viewOf(jobOf(row, this.#options));
	}

	#viewOf(job: Job): JobView {
		return viewOf(job, this.#rounds.runOf(job.id));
	}

	async #find(caller: Caller, id: string): Promise<Job> {
		const row = await this.#options.store.jobs.find(id);
		if (row && isOwner(caller, row.account)) return jobOf(row, this.#options);
		throw notFound(id);
	}

	async #findFinished(caller: Caller, id: string, done: string): Promise<Job> {
		const job = await this.#find(caller, id);
		const status = job.row.status as JobStatus;
		if (FINISHED.includes(status)) return job;
		throw new AlgoError(
			"CONFLICT",
			`job ${id} is ${status}; only a finished job can be ${done}, so cancel it first`,
		);
	}
}

const notFound = (id: string): AlgoError =>
	new AlgoError("NOT_FOUND", `job ${id.slice(0, 100)} not found`);
