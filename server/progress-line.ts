import type { WriteStream } from "node:tty";
import type { JobView } from "../src/index.ts";

/** Where nobody watches, a line now and then. */
const LINE_MS = 10_000;
const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\x1b[K";

/** A job's progress as one line that is written over on a terminal, else as a line from time to time. */
export class ProgressLine {
	readonly #stream: WriteStream;
	#shownAt = Number.NEGATIVE_INFINITY;
	#note = "";

	/** @param stream such as stderr, which may be no terminal */
	constructor(stream: WriteStream) {
		this.#stream = stream;
	}

	show(job: JobView): void {
		this.#note = "";
		if (this.#stream.isTTY) {
			const width = this.#stream.columns - 1;
			const text = [bar(job), ...wordsOf(job)].join("  ");
			this.#stream.write(`${CLEAR_LINE}${text.slice(0, width)}`);
		} else if (performance.now() - this.#shownAt >= LINE_MS) {
			this.#shownAt = performance.now();
			this.#stream.write(`${wordsOf(job).join(", ")}\n`);
		}
	}

	/** A line of its own, once until there is progress again. */
	note(text: string): void {
		if (text === this.#note) return;
		this.#note = text;
		this.#print(text);
	}

	finish(job: JobView): void {
		const { id, status, items, error } = job;
		const { succeeded, failed } = items;
		this.#print(
			[
				`${status}: ${succeeded} succeeded, ${failed} failed`,
				...(error ? [error.message] : []),
			].join("; "),
		);
		if (failed > 0) this.#print(`applyd job errors ${id} says why`);
	}

	#print(text: string): void {
		this.#stream.write(`${this.#stream.isTTY ? CLEAR_LINE : ""}${text}\n`);
	}
}

/** How far a job is, as a person reads it. */
export function wordsOf(job: JobView): string[] {
	const { status, items, rate, secondsLeft, paused } = job;
	const { total, succeeded, failed } = items;
	return [
		`${succeeded + failed}/${total ?? "?"}`,
		...(status === "running" ? [] : [status]),
		...(failed > 0 ? [`${failed} failed`] : []),
		...(rate > 0 ? [`${rounded(rate)}/s`] : []),
		...(secondsLeft === undefined ? [] : [`${timeOf(secondsLeft)} left`]),
		...(paused === undefined ? [] : [`paused: ${paused}`]),
	];
}

function bar(job: JobView): string {
	const share = shareOf(job);
	const full = Math.floor(share * BAR_WIDTH);
	const percent = `${Math.floor(share * 100)}%`.padStart(4);
	return `[${"#".repeat(full)}${" ".repeat(BAR_WIDTH - full)}]${percent}`;
}

/** While the input is still being read, its length is what the time left makes of it. */
function shareOf({ items, rate, secondsLeft = 0 }: JobView): number {
	const done = items.succeeded + items.failed;
	const all = items.total ?? done + rate * secondsLeft;
	if (items.total === null && secondsLeft === 0) return 0;
	return all === 0 ? 1 : done / all;
}

const rounded = (rate: number): string =>
	rate < 10 ? rate.toFixed(1) : String(Math.round(rate));

/** The two largest units that matter. */
export function timeOf(seconds: number): string {
	const whole = Math.ceil(seconds);
	if (whole < 60) return `${whole} s`;
	const minutes = Math.floor(whole / 60);
	if (minutes < 60) return `${minutes} min ${whole % 60} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
