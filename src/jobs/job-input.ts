import { pipeline, type Readable } from "node:stream";
import type { ObjectInfo, OpenObject } from "../data/driver.ts";
import { AlgoError } from "../errors.ts";
import { gunzip } from "../items/gunzip.ts";

/** A stored file. */
export interface InputSource {
	/** For messages. */
	readonly name: string;
	/** From this byte on; `undefined` if there is none. The errors of data access. */
	open(firstByte: number): Promise<OpenObject | undefined>;
	stat(): Promise<ObjectInfo | undefined>;
}

export interface InputIdentity {
	bytes: number;
	etag: string;
	isGzip: boolean;
}

const NONE = Buffer.alloc(0);

/** A job's input, read from any byte on, mostly forwards. All offsets are those of the decompressed bytes. */
export class JobInput {
	readonly #source: InputSource;
	readonly #identity: InputIdentity;
	#stream: Readable | undefined;
	#chunks: AsyncIterator<Buffer> | undefined;
	#isAtEnd = false;
	#chunk: Buffer = NONE;
	#chunkStart = 0;

	constructor(source: InputSource, identity: InputIdentity) {
		this.#source = source;
		this.#identity = identity;
	}

	/**
	 * @returns what stands at this offset and behind it, as much as comes at a time; `undefined` at the end
	 * @throws AlgoError PATH_NOT_FOUND, BAD_REQUEST: the input is gone, another one, or no gzip; FORBIDDEN
	 */
	async read(at: number): Promise<Buffer | undefined> {
		const { isGzip, bytes } = this.#identity;
		if (!isGzip && at >= bytes) return undefined;
		const canGoOn =
			this.#chunks !== undefined &&
			(isGzip ? at >= this.#chunkStart : this.#covers(at) || at === this.#end);
		if (!canGoOn) await this.#open(isGzip ? 0 : at);
		while (!this.#covers(at)) if (!(await this.#next())) return undefined;
		return this.#chunk.subarray(at - this.#chunkStart);
	}

	/** @throws AlgoError PATH_NOT_FOUND, BAD_REQUEST: it is gone, or another one */
	async checkUnchanged(): Promise<void> {
		this.#check(await this.#found(this.#source.stat()));
	}

	close(): void {
		this.#stream?.destroy();
		this.#stream = undefined;
		this.#chunks = undefined;
		this.#chunk = NONE;
	}

	get #end(): number {
		return this.#chunkStart + this.#chunk.length;
	}

	#covers(at: number): boolean {
		return at >= this.#chunkStart && at < this.#end;
	}

	async #open(firstByte: number): Promise<void> {
		this.close();
		const found = await this.#found(this.#source.open(firstByte)).catch(
			async (error) => {
				await this.checkUnchanged(); // another file may be too short
				throw error;
			},
		);
		try {
			this.#check(found);
		} catch (error) {
			found.stream.destroy();
			throw error;
		}
		this.#stream = this.#identity.isGzip
			? pipeline(found.stream, gunzip(), () => {})
			: found.stream;
		this.#chunks = this.#stream[Symbol.asyncIterator]();
		this.#chunkStart = firstByte;
		this.#isAtEnd = false;
	}

	async #next(): Promise<boolean> {
		if (this.#isAtEnd || !this.#chunks) return false;
		try {
			const { value, done } = await this.#chunks.next();
			this.#chunkStart = this.#end;
			this.#chunk = done ? NONE : value;
			this.#isAtEnd = done === true;
			return !this.#isAtEnd;
		} catch (error) {
			this.close();
			throw error;
		}
	}

	async #found<T>(looking: Promise<T | undefined>): Promise<T> {
		const found = await looking.catch((error) => {
			if (error instanceof AlgoError && error.code === "PATH_NOT_FOUND")
				return undefined;
			throw error;
		});
		if (found !== undefined) return found;
		throw new AlgoError(
			"PATH_NOT_FOUND",
			`the input ${this.#source.name} is not there any more; put it back as it was and resume the job, or make a new one`,
		);
	}

	#check({ bytes, etag }: ObjectInfo): void {
		if (etag === this.#identity.etag && bytes === this.#identity.bytes) return;
		throw new AlgoError(
			"BAD_REQUEST",
			`the input ${this.#source.name} has changed since the job was made; put it back as it was and resume the job, or make a new one`,
		);
	}
}
