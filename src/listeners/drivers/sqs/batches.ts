import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { SqsError } from "./fault.ts";

/** SQS takes no more in one request. */
export const MAX_ENTRIES = 10;
/** SQS counts bodies and attributes of all entries (since August 2025; 256 KiB before). */
export const MAX_BYTES = 2 ** 20;
/** So long does an entry wait for others. */
const WAIT_MS = 5;

interface Entry<T> {
	value: T;
	resolve: () => void;
	reject: (error: unknown) => void;
}

export interface BatchResult {
	Successful?: { Id?: string | undefined }[] | undefined;
	Failed?: BatchResultErrorEntry[] | undefined;
}

/** What is asked of SQS at nearly the same time shares one request. */
export class Batches<T extends object> {
	readonly #send: (values: (T & { Id: string })[]) => Promise<BatchResult>;
	readonly #running = new Set<Promise<void>>();
	#waiting: Entry<T>[] = [];
	#bytes = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(send: (values: (T & { Id: string })[]) => Promise<BatchResult>) {
		this.#send = send;
	}

	/** @throws SqsError: of this entry if it alone is refused, else of its request */
	add(value: T, bytes = 0): Promise<void> {
		if (this.#bytes + bytes > MAX_BYTES) this.#flush();
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		this.#waiting.push({ value, resolve, reject });
		this.#bytes += bytes;
		if (this.#waiting.length === MAX_ENTRIES) this.#flush();
		else this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS);
		return promise;
	}

	/** Resolves when all requests have ended, well or not. */
	async close(): Promise<void> {
		this.#flush();
		await Promise.all(this.#running);
	}

	#flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const entries = this.#waiting;
		this.#waiting = [];
		this.#bytes = 0;
		if (entries.length === 0) return;
		const run = this.#run(entries).finally(() => this.#running.delete(run));
		this.#running.add(run);
	}

	async #run(entries: Entry<T>[]): Promise<void> {
		const values = entries.map(({ value }, i) => ({ ...value, Id: `${i}` }));
		try {
			const { Successful = [], Failed = [] } = await this.#send(values);
			const done = new Set(Successful.map(({ Id }) => Id));
			for (const [i, { resolve, reject }] of entries.entries()) {
				if (done.has(`${i}`)) resolve();
				else reject(refusal(Failed.find(({ Id }) => Id === `${i}`)));
			}
		} catch (error) {
			for (const { reject } of entries) reject(error);
		}
	}
}

function refusal(entry: BatchResultErrorEntry | undefined): SqsError {
	const code = entry?.Code ?? "NoAnswer";
	const text = entry?.Message ?? "nothing was said about it";
	return new SqsError(code, `SQS refused it: ${code}: ${text}`);
}
