import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Caller } from "../accounts/caller.ts";
import type { ObjectInfo, OpenObject } from "../data/driver.ts";
import { AlgoError } from "../errors.ts";
import type { NewJob } from "../store/jobs.ts";
import type { JobHouse } from "./house.ts";
import type { JobOptions } from "./job.ts";
import { JobFiles } from "./job-files.ts";
import { newJobId } from "./job-id.ts";
import { formatOf, keptOptions } from "./job-options.ts";

const GZIP = Buffer.from([0x1f, 0x8b]);

/** Makes jobs of what callers ask for. */
export class JobMaker {
	readonly #house: JobHouse;
	readonly #maxTimeoutSeconds: number;

	constructor(house: JobHouse, maxTimeoutSeconds: number) {
		this.#house = house;
		this.#maxTimeoutSeconds = maxTimeoutSeconds;
	}

	/** @returns its id @throws AlgoError as `Jobs.submit` */
	async ofFile(caller: Caller, options: JobOptions): Promise<string> {
		const { input } = options;
		if (input === undefined)
			throw new AlgoError(
				"BAD_REQUEST",
				"input is missing; name a file, as data://.my/COLLECTION/FILE, or send the content itself as application/x-ndjson or text/csv",
			);
		const asked = await this.#check(caller, options);
		const { data } = this.#house;
		const user = { caller };
		const info = await data.stat(user, input);
		if (info === undefined)
			throw new AlgoError(
				"BAD_REQUEST",
				`input is ${JSON.stringify(input)}, a directory; it must be a file`,
			);
		return this.#add(newJobId(), asked, input, info, (range) =>
			data.get(user, input, range),
		);
	}

	/** @returns its id @throws AlgoError as `Jobs.upload` */
	async ofContent(
		caller: Caller,
		options: JobOptions,
		content: Readable,
		isGzip: boolean,
	): Promise<string> {
		if (options.input !== undefined)
			throw new AlgoError(
				"BAD_REQUEST",
				"input is given, and content as well; leave one of them out",
			);
		const asked = await this.#check(caller, options);
		const { jobFiles } = this.#house.data;
		const id = newJobId();
		const { input } = new JobFiles(jobFiles, id);
		const stored = await jobFiles.put(input, content);
		try {
			return await this.#add(
				id,
				asked,
				null,
				stored,
				(range) => jobFiles.get(input, range),
				isGzip,
			);
		} catch (error) {
			await jobFiles.delete([input]);
			throw error;
		}
	}

	async #check(caller: Caller, options: JobOptions) {
		const { apply, refresh } = this.#house;
		const format = formatOf(options);
		const kept = keptOptions(options, format, this.#maxTimeoutSeconds);
		await refresh();
		const { ref } = apply.find({ ...options.algorithm, caller });
		const { output } = options;
		if (output !== undefined) await this.#checkOutput(caller, output);
		return {
			account: caller.account.toLowerCase(),
			caller: JSON.stringify(caller),
			algorithm: ref,
			format,
			options: JSON.stringify(kept),
			maxFailed: kept.maxErrors ?? null,
		};
	}

	/** A job of hours is not to end with a path that cannot be. */
	async #checkOutput(caller: Caller, output: string): Promise<void> {
		const { data } = this.#house;
		const user = { caller };
		const collection = output.replace(/\/[^/]*\/?$/, "");
		if (collection !== output) await data.list(user, collection, { limit: 1 });
		const isDirectory =
			(await data.exists(user, output)) &&
			(await data.stat(user, output)) === undefined;
		if (isDirectory || collection === output)
			throw new AlgoError(
				"BAD_REQUEST",
				`output is ${JSON.stringify(output)}; it must be a file, as data://.my/COLLECTION/FILE`,
			);
	}

	async #add(
		id: string,
		asked: Pick<
			NewJob,
			"account" | "caller" | "algorithm" | "format" | "options" | "maxFailed"
		>,
		input: string | null,
		{ bytes, etag }: Pick<ObjectInfo, "bytes" | "etag">,
		open: (range: {
			firstByte: number;
			lastByte: number;
		}) => Promise<OpenObject | undefined>,
		isSaidToBeGzip = false,
	): Promise<string> {
		const found =
			bytes < GZIP.length
				? undefined
				: await open({ firstByte: 0, lastByte: GZIP.length - 1 });
		const isGzip =
			found !== undefined && (await buffer(found.stream)).equals(GZIP);
		if (isSaidToBeGzip && !isGzip && bytes > 0)
			throw new AlgoError(
				"BAD_REQUEST",
				"the content is said to be gzip and is not; leave out Content-Encoding, or compress it",
			);
		await this.#house.store.jobs.add({
			...asked,
			id,
			input,
			isGzip: isGzip ? 1 : 0,
			inputBytes: bytes,
			inputEtag: etag,
			createdAt: new Date().toISOString(),
		});
		return id;
	}
}
