import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AlgoError, clientGone } from "../errors.ts";
import type { Cut } from "../items/cut.ts";
import { LineCutter } from "../items/line-cutter.ts";
import { InputKind } from "../protocol/frames.js";
import { Form, SliceFlag } from "../protocol/slice-frames.js";
import type { ItemOutcomes } from "../runners/slice.ts";
import { faultOutcome, type ItemFault } from "./fault-outcome.ts";
import { InOrder } from "./in-order.ts";
import type { ItemRun } from "./item-run.ts";
import type { ItemsRequest, Room } from "./items-request.ts";
import { Unanswered } from "./unanswered.ts";

/** So much input may wait here, beside the line that is not whole yet. */
const WAITING_BYTES = 2 ** 18;
/** With so much that nobody has read no further line is started; */
const UNREAD_BYTES = 2 ** 20;
/** with so much, or so much that is early, what runs stops too. */
const HELD_BYTES = 2 ** 23;

/** A stream of lines, each a JSON input, and of lines that answer them (interface §4). */
export interface LinesRequest
	extends Pick<
		ItemsRequest,
		| "owner"
		| "name"
		| "selector"
		| "sudo"
		| "caller"
		| "parent"
		| "requestId"
		| "concurrency"
		| "itemTimeoutMs"
		| "timeoutMs"
	> {
	/** If it breaks, what came before is answered, and the next line says why. */
	input: Readable;
	/** Stays open. If it closes, the work ends. */
	output: Writable;
	/** Outcomes in the order of the lines; else as they finish. */
	isInOrder: boolean;
	/** The first line that fails is the last. */
	failsAtOnce: boolean;
	/** Once: nothing more is read or written. @param failed lines that have failed */
	onEnd(failed: number): void;
}

/**
 * Runs lines while they still arrive, and writes each outcome when it is there and its turn. Memory is bounded: who does not
 * read stops the work, and that stops the reading. So somebody who sends without reading gets stuck as soon as the buffers
 * on both sides are full.
 */
export class LineRun {
	readonly #request: LinesRequest;
	readonly #cutter: LineCutter;
	readonly #run: ItemRun;
	readonly #order: InOrder | undefined;
	readonly #unanswered = new Unanswered();
	/** Lines that have been read. */
	#total = 0;
	/** Of those written. */
	#failed = 0;
	/** Whether there is no whole line left in the cutter, as far as that is known. */
	#isDry = true;
	/** Why the input broke. */
	#break: Error | undefined;
	/** A line has failed, and nothing behind it counts. */
	#isCutShort = false;
	/** Nobody takes the output any more. */
	#isLost = false;
	/** Its last line has been written. */
	#isComplete = false;

	/** @throws AlgoError of Apply.items; then input and output are as they were */
	constructor(
		items: (request: ItemsRequest) => ItemRun,
		maxLineBytes: number,
		request: LinesRequest,
	) {
		const { input, output, isInOrder } = request;
		this.#request = request;
		this.#cutter = new LineCutter({ maxItemBytes: maxLineBytes });
		this.#order = isInOrder ? new InOrder() : undefined;
		this.#run = items({
			...request,
			form: Form.LINES,
			inputKind: InputKind.JSON,
			flags: SliceFlag.AS_LINES,
			isBackground: false,
			next: (maxItems, maxBytes) => this.#next(maxItems, maxBytes),
			isDone: () => (this.#break ? this.#isDry : this.#cutter.isDone),
			bytesLeft: () => this.#cutter.bufferedBytes,
			room: () => this.#room,
			onOutcomes: (outcomes) => this.#take(outcomes),
			onEnd: (error) => void this.#end(error),
		});
		input.on("data", this.#read);
		input.on("end", () => {
			this.#cutter.finish();
			this.#run.more();
		});
		input.on("error", (error) => {
			this.#break ??= error;
			this.#run.more();
		});
		output.on("drain", () => this.#run.more());
		output.on("error", this.#lose); // standard output does not close then
		output.on("close", this.#lose);
	}

	#read = (chunk: Buffer): void => {
		const { input } = this.#request;
		this.#isDry = false;
		this.#cutter.push(chunk);
		this.#run.more();
		if (!this.#isDry && this.#cutter.bufferedBytes >= WAITING_BYTES)
			input.pause();
	};

	#lose = (): void => {
		this.#isLost = true;
		this.#run.end(clientGone());
	};

	#next(maxItems: number, maxBytes: number): Cut | undefined {
		const { output, input } = this.#request;
		const isFull =
			output.writableLength >= UNREAD_BYTES ||
			(this.#order?.earlyBytes ?? 0) >= HELD_BYTES;
		if (isFull || this.#isCutShort) return undefined;
		const cut = this.#cut(maxItems, maxBytes);
		this.#isDry = cut === undefined;
		if (this.#isDry || this.#cutter.bufferedBytes < WAITING_BYTES)
			input.resume();
		return cut;
	}

	#cut(maxItems: number, maxBytes: number): Cut | undefined {
		const cut = this.#cutter.take(maxItems, maxBytes);
		if (cut) this.#unanswered.add(cut);
		this.#total += cut?.count ?? 0;
		return cut;
	}

	get #room(): Room {
		if (this.#request.output.writableLength >= HELD_BYTES) return "none";
		return (this.#order?.earlyBytes ?? 0) >= HELD_BYTES ? "first" : "all";
	}

	#take(outcomes: ItemOutcomes): void {
		this.#unanswered.delete(outcomes);
		if (outcomes.failed > 0 && this.#request.failsAtOnce)
			this.#isCutShort = true;
		for (const text of this.#linesOf(outcomes))
			this.#request.output.write(text);
		if (this.#isComplete) this.#run.end(NOT_RUN);
	}

	/** What is to be written now. */
	*#linesOf(outcomes: ItemOutcomes): Generator<Buffer> {
		for (const group of this.#order?.take(outcomes) ?? [outcomes]) {
			if (this.#isComplete) return;
			this.#isComplete = this.#request.failsAtOnce && group.failed > 0;
			this.#failed += this.#isComplete ? 1 : group.failed;
			yield this.#isComplete ? upToFailed(group) : group.text;
		}
	}

	async #end(error: AlgoError | undefined): Promise<void> {
		const { input, output, onEnd } = this.#request;
		input.off("data", this.#read);
		if (!this.#isLost)
			await pipeline(this.#rest(error), output, { end: false }).catch(() => {});
		onEnd(this.#failed);
	}

	/** Lines that were read and have no outcome have this error; lines that were not have none. */
	*#rest(error: AlgoError | undefined): Generator<Buffer> {
		if (error) {
			const fault = { message: error.message, errorType: typeOf(error) };
			while (this.#cut(MANY, MANY));
			for (const index of this.#unanswered)
				yield* this.#linesOf(lineFault(index, fault));
		} else if (this.#break) {
			const { message } = this.#break;
			const fault = { message, errorType: "ParsingError" };
			yield* this.#linesOf(lineFault(this.#total, fault));
		}
	}
}

const MANY = Number.MAX_SAFE_INTEGER;

/** Never seen: the failed line is the last. */
const NOT_RUN = new AlgoError("ALGORITHM_FAILED", "a line before it failed");

const typeOf = ({ errorType, code }: AlgoError): string => errorType ?? code;

function lineFault(firstIndex: number, fault: ItemFault): ItemOutcomes {
	const nothing = { pieces: [], bytes: 0, startByte: 0, endByte: 0 };
	const cut = { firstIndex, count: 1, ...nothing };
	return faultOutcome(cut, fault, {
		form: Form.LINES,
		flags: SliceFlag.AS_LINES,
	});
}

/** The lines of a group, to the end of the first that failed. */
function upToFailed({ lengths, text }: ItemOutcomes): Buffer {
	let end = 0;
	for (const length of lengths) {
		end += length >>> 1;
		if (length & 1) break;
	}
	return text.subarray(0, end);
}
