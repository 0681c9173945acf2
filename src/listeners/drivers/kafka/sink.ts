import {
	setImmediate as nextTurn,
	setTimeout as sleep,
} from "node:timers/promises";
import type { BaseOptions, Producer } from "@platformatic/kafka";
import type { Letter } from "../../letter.ts";
import type { KafkaAddress } from "../../options.ts";
import type { Sink } from "../../sink.ts";
import { clientOptions, type Kafka, loadKafka } from "./client.ts";
import { failure, isProtocolError, refusal } from "./failure.ts";
import { type Produced, sizeOf, toProduced } from "./produced.ts";
import { tooLarge } from "./too-large.ts";

/** Of one request, which brings one batch to each partition. Topics take batches of 1 MiB by default. */
const MAX_BYTES = 512 << 10;
const MAX_RECORDS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const CLOSE_MS = 10_000;

/**
 * Writes to a topic; a put is there for good when all replicas in sync have it.
 * @throws Error: the package is not installed; unreachable, refused; no such topic, and the broker makes none
 */
export async function openSink(options: KafkaAddress): Promise<Sink> {
	const kafka = await loadKafka();
	const sink = new KafkaSink(kafka, await clientOptions(options), options);
	await sink.open();
	return sink;
}

type RecordProducer = Producer<Buffer, Buffer, Buffer, Buffer | null>;

interface Waiting {
	record: Produced;
	bytes: number;
	resolve(): void;
	reject(error: Error): void;
}

/** Sends a request at a time, and with it all that came meanwhile: so nothing overtakes what was put before it. */
class KafkaSink implements Sink {
	readonly #kafka: Kafka;
	readonly #clientOptions: BaseOptions;
	readonly #options: KafkaAddress;
	readonly #producer: RecordProducer;
	readonly #waiting: Waiting[] = [];
	#sending: Promise<void> | undefined;
	#maxBytes = MAX_BYTES;
	#turn = 0;

	constructor(kafka: Kafka, common: BaseOptions, options: KafkaAddress) {
		this.#kafka = kafka;
		this.#clientOptions = common;
		this.#options = options;
		this.#producer = new kafka.Producer({
			...common,
			requestTimeout: REQUEST_TIMEOUT_MS,
			// A request whose answer is lost is sent again under the number that it had.
			idempotent: true,
			retries: 2,
			retryDelay: 300,
			acks: kafka.ProduceAcks.ALL,
			autocreateTopics: true,
			// A key goes where the clients of Java send it, so that topics stay aligned. (The library's own choice is another.)
			partitioner: (record, key) =>
				key ? kafka.compatibilityPartitioner(record, key) : this.#turn++,
		});
		this.#producer.on("error", () => {});
	}

	async open(): Promise<void> {
		try {
			const topics = [this.#options.topic];
			await this.#producer.metadata({ topics, autocreateTopics: true });
		} catch (error) {
			await this.close();
			throw refusal("cannot write", this.#options, error);
		}
	}

	put(letter: Letter): Promise<void> {
		const record = toProduced(this.#options.topic, letter);
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		this.#waiting.push({ record, bytes: sizeOf(record), resolve, reject });
		this.#sending ??= this.#sendAll();
		return promise;
	}

	async close(): Promise<void> {
		const end = new AbortController();
		const limit = sleep(CLOSE_MS, undefined, { signal: end.signal });
		limit.catch(() => {});
		await Promise.race([this.#finish(), limit]).catch(() => {});
		end.abort();
		for (const [, { socket }] of this.#producer.connections) socket?.destroy();
	}

	async #finish(): Promise<void> {
		await this.#sending;
		await this.#producer.close(true);
	}

	async #sendAll(): Promise<void> {
		await nextTurn();
		while (this.#waiting.length > 0) await this.#send(this.#next());
		this.#sending = undefined;
	}

	/** As many as go in one request, but at least one. */
	#next(): Waiting[] {
		let bytes = 0;
		let count = 0;
		for (const one of this.#waiting) {
			bytes += one.bytes;
			if (count > 0 && (bytes > this.#maxBytes || count === MAX_RECORDS)) break;
			count++;
		}
		return this.#waiting.splice(0, count);
	}

	/** Never rejects. */
	async #send(batch: Waiting[]): Promise<void> {
		try {
			await this.#producer.send({ messages: batch.map((one) => one.record) });
			for (const { resolve } of batch) resolve();
		} catch (error) {
			if (!isProtocolError(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"))
				this.#reject(batch, failure("cannot write", this.#options, error));
			else if (batch.length > 1) await this.#sendHalves(batch);
			else this.#reject(batch, await this.#tooLarge(batch));
		}
	}

	/** One of them is too large, or all together are. What other partitions have taken is sent twice, so requests get smaller. */
	async #sendHalves(batch: Waiting[]): Promise<void> {
		this.#maxBytes = Math.min(this.#maxBytes, bytesOf(batch) >> 1);
		const half = batch.length >> 1;
		await this.#send(batch.slice(0, half));
		await this.#send(batch.slice(half));
	}

	#tooLarge(batch: Waiting[]): Promise<Error> {
		const { topic } = this.#options;
		return tooLarge(this.#kafka, this.#clientOptions, topic, bytesOf(batch));
	}

	#reject(batch: Waiting[], error: Error): void {
		for (const { reject } of batch) reject(error);
	}
}

const bytesOf = (batch: Waiting[]): number =>
	batch.reduce((sum, { bytes }) => sum + bytes, 0);
