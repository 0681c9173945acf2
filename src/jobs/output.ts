import { Readable } from "node:stream";
import { InputKind } from "../protocol/frames.js";
import type { StoredShard } from "../store/shards.ts";
import type { Store } from "../store/store.ts";
import { bareInput } from "./failures.ts";
import type { Job } from "./house.ts";
import type { ShardFile } from "./job-files.ts";
import { linesOf } from "./lines.ts";

/** Shards that are asked of the store at a time. */
const PAGE = 100;

/** NDJSON in input order: the outcomes that are stored. */
export const outputOf = (job: Job, store: Store): Readable =>
	Readable.from(contentOf(job, store, "outcomes"), { objectMode: false });

/** The items that have failed, as `failureLines` writes them, or their bare inputs. */
export const errorsOf = (
	job: Job,
	store: Store,
	{ inputsOnly }: { inputsOnly: boolean },
): Readable => {
	const lines = contentOf(job, store, "failures");
	const content = inputsOnly
		? inputsOf(lines, job.rules.inputKind === InputKind.TEXT)
		: lines;
	return Readable.from(content, { objectMode: false });
};

async function* contentOf(
	job: Job,
	store: Store,
	file: ShardFile,
): AsyncGenerator<Buffer> {
	for await (const shard of storedShards(job.id, store)) {
		if (file === "failures" && shard.failed === 0) continue;
		const found = await openShard(job, store, shard, file);
		if (found) yield* found.stream as AsyncIterable<Buffer>;
	}
}

async function* storedShards(
	job: string,
	store: Store,
): AsyncGenerator<StoredShard> {
	let from = 0;
	for (;;) {
		const page = await store.shards.storedFrom(job, from, PAGE);
		yield* page;
		if (page.length < PAGE) return;
		from = (page.at(-1)?.firstIndex ?? 0) + 1;
	}
}

/** What was written anew since the store was asked is elsewhere now. */
async function openShard(
	{ id, files }: Job,
	store: Store,
	{ firstIndex, stored }: StoredShard,
	file: ShardFile,
) {
	const found = await files.open({ firstIndex, claim: stored }, file);
	if (found) return found;
	const [now] = await store.shards.storedFrom(id, firstIndex, 1);
	return now?.firstIndex === firstIndex && now.stored !== stored
		? files.open({ firstIndex, claim: now.stored }, file)
		: undefined;
}

async function* inputsOf(
	chunks: AsyncIterable<Buffer>,
	isText: boolean,
): AsyncGenerator<Buffer> {
	let rest: Buffer[] = [];
	for await (const chunk of chunks) {
		const end = chunk.lastIndexOf("\n") + 1;
		if (end > 0) {
			const lines = linesOf(Buffer.concat([...rest, chunk.subarray(0, end)]));
			rest = [];
			for (const line of lines) {
				yield bareInput(line, isText);
				yield NEWLINE;
			}
		}
		if (end < chunk.length) rest.push(chunk.subarray(end));
	}
}

const NEWLINE = Buffer.from("\n");
