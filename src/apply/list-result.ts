import { type AlgoError, ERROR_TYPES } from "../errors.ts";
import { Want } from "../protocol/frames.js";
import type { Call } from "../runners/call.ts";
import type { Outcome } from "../runners/outcome.ts";
import type { ItemOutcomes } from "../runners/slice.ts";

/** Kept of what the items of a call print; a REC of api-contract §3.9. */
const MAX_PRINTED_BYTES = 64 * 1024;

const OMITTED = /^\[stdout truncated: (\d+) bytes omitted\]$/m;

const NULL = Buffer.from("null,");

interface Printed {
	firstIndex: number;
	text: Buffer;
}

/** What the items of a list answer, on its way into one envelope (interface §4). */
export class ListResult {
	/** Of all outcomes. */
	bytes = 0;
	failed = 0;
	readonly #groups: ItemOutcomes[] = [];
	readonly #printed: Printed[] = [];
	/** Bytes that workers have printed and left out. */
	#omitted = 0;
	runMs = 0;

	add(outcomes: ItemOutcomes): void {
		this.#groups.push(outcomes);
		this.bytes += outcomes.text.length;
		this.failed += outcomes.failed;
		this.runMs += outcomes.runMs;
	}

	/** What the code of a slice has printed; longer than what is kept, it begins with a line that says what its worker left out. */
	print({ firstIndex, text }: Printed): void {
		const isCut = text.length > MAX_PRINTED_BYTES;
		const from = isCut ? text.indexOf("\n") + 1 : 0;
		if (isCut)
			this.#omitted += Number(
				OMITTED.exec(text.toString("latin1", 0, from))?.[1],
			);
		this.#printed.push({ firstIndex, text: text.subarray(from) });
	}

	/** The first item that failed, as the call's error. */
	failure(call: Call): Outcome {
		this.#sort();
		for (const group of this.#groups) {
			let at = 0;
			for (const length of group.lengths) {
				const text = group.text.subarray(at, at + (length >>> 1));
				if (length & 1) {
					const error = text.toString();
					return {
						kind: "error",
						errorType: JSON.parse(error).error_type,
						runMs: this.runMs,
						body: Buffer.from(
							`{"error":${error},"metadata":{${this.#metadata(call)}}}`,
						),
					};
				}
				at += length >>> 1;
			}
		}
		throw new RangeError("no item failed");
	}

	/**
	 * The whole list.
	 * @param total of its items
	 * @param missing why items have no outcome, if some have none
	 */
	answer(call: Call, total: number, missing: AlgoError | undefined): Outcome {
		this.#sort();
		const list = new Assembly();
		for (const group of this.#groups) {
			if (missing) list.fail(group.firstIndex, missing);
			list.add(group);
		}
		if (missing) list.fail(total, missing);
		const { results, errors } = list;
		const failed = errors.length;
		const items = `"items":{"total":${total},"succeeded":${total - failed},"failed":${failed}}`;
		const told = failed > 0 ? `,"errors":[${errors.join(",")}]` : "";
		const isBare = (call.wants & Want.BARE) !== 0;
		const [before, after] = isBare
			? ["[", "]"]
			: [
					'{"result":[',
					`],"metadata":{"content_type":"json",${items}${told},${this.#metadata(call)}}}`,
				];
		return {
			kind: "result",
			contentType: "json",
			runMs: this.runMs,
			body: Buffer.concat([
				Buffer.from(before),
				...results,
				Buffer.from(after),
			]),
		};
	}

	#sort(): void {
		this.#groups.sort((a, b) => a.firstIndex - b.firstIndex);
	}

	#metadata({ requestId, wants }: Call): string {
		const duration = Math.max(1, Math.round(this.runMs * 1e6)) / 1e9;
		const text = `"duration":${duration},"request_id":"${requestId}"`;
		if ((wants & Want.STDOUT) === 0) return text;
		this.#printed.sort((a, b) => a.firstIndex - b.firstIndex);
		const all = Buffer.concat(this.#printed.map((printed) => printed.text));
		const kept = lastWhole(all);
		const omitted = this.#omitted + all.length - kept.length;
		if (omitted === 0)
			return `${text},"stdout":${JSON.stringify(all.toString())}`;
		const alert = `stdout truncated: ${omitted} bytes omitted`;
		return `${text},"stdout":${JSON.stringify(`[${alert}]\n${kept}`)},"alerts":["${alert}"]`;
	}
}

/** Results with commas between them, `null` where an item failed. */
class Assembly {
	readonly errors: string[] = [];
	readonly #results: Buffer[] = [];
	#next = 0;

	/** Without the comma behind the last. */
	get results(): Buffer[] {
		const last = this.#results.pop();
		if (last) this.#results.push(last.subarray(0, -1));
		return this.#results;
	}

	add({ firstIndex, count, failed, lengths, text }: ItemOutcomes): void {
		this.#next = firstIndex + count;
		if (failed === 0) {
			this.#results.push(text);
			return;
		}
		let from = 0;
		let at = 0;
		for (const [i, length] of lengths.entries()) {
			const end = at + (length >>> 1);
			if (length & 1) {
				if (at > from) this.#results.push(text.subarray(from, at));
				this.#fail(firstIndex + i, text.toString("utf8", at, end));
				from = end;
			}
			at = end;
		}
		if (at > from) this.#results.push(text.subarray(from, at));
	}

	/** All items up to this index that have no outcome. */
	fail(index: number, { message, code }: AlgoError): void {
		const error = JSON.stringify({ message, error_type: ERROR_TYPES[code] });
		for (; this.#next < index; this.#next++) this.#fail(this.#next, error);
	}

	/** @param error as JSON */
	#fail(index: number, error: string): void {
		this.#results.push(NULL);
		this.errors.push(`{"index":${index},${error.slice(1)}`);
	}
}

/** The last bytes that are kept, from the beginning of a character on. */
function lastWhole(all: Buffer): Buffer {
	let from = Math.max(0, all.length - MAX_PRINTED_BYTES);
	while (from > 0 && ((all[from] ?? 0) & 0xc0) === 0x80) from++;
	return all.subarray(from);
}
