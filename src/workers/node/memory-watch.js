// Ends a worker that holds more memory than its version may have (design §3.1).

import { setFlagsFromString } from "node:v8";

const POLL_MS = 20;
/** A reading that takes longer comes from a thread inside a native call, which no interrupt reaches. */
const SILENT_MS = 100;
/** Garbage comes and goes within this; what stays is live. */
const SUSPECT_MS = 400;

/**
 * Used memory is live memory plus garbage that V8 has not collected yet. From half the limit on V8 is told
 * to collect at 1.3 times the live heap, and it collects external memory every 64 MB; so readings that stay
 * above both for a while mean live memory. (As a flag of the process it would cost each start 30 ms: V8 does
 * not use its code cache under other flags.)
 */
export class MemoryWatch {
	#worker;
	#limitBytes;
	#onOver;
	#timer;
	#suspectSince = 0;
	#asking = false;
	#askedAt = 0;
	#residentWhenAsked = 0;
	#activeMs = 0;

	/**
	 * @param {import('node:worker_threads').Worker} worker
	 * @param {number} memoryMb
	 * @param {() => void} onOver called once
	 */
	constructor(worker, memoryMb, onOver) {
		this.#worker = worker;
		this.#limitBytes = (memoryMb * 1.3 + 64) * 2 ** 20;
		this.#onOver = onOver;
		this.#timer = setInterval(() => this.#poll(), POLL_MS);
		this.#timer.unref();
	}

	stop() {
		clearInterval(this.#timer);
	}

	#poll() {
		if (this.#asking) {
			if (performance.now() - this.#askedAt < SILENT_MS) return;
			const grownBytes = process.memoryUsage.rss() - this.#residentWhenAsked;
			if (grownBytes > this.#limitBytes) this.#over();
			return;
		}
		const activeMs = this.#worker.performance.eventLoopUtilization().active;
		if (activeMs === this.#activeMs) {
			this.#suspectSince = 0; // idle since the last look: nothing collects, and nothing grows
			return;
		}
		this.#activeMs = activeMs;
		this.#asking = true;
		this.#askedAt = performance.now();
		this.#residentWhenAsked = process.memoryUsage.rss();
		this.#worker.getHeapStatistics().then(
			({ used_heap_size, external_memory }) => {
				this.#asking = false;
				this.#judge(used_heap_size + external_memory);
			},
			() => this.stop(), // the thread has ended
		);
	}

	/** @param {number} usedBytes */
	#judge(usedBytes) {
		if (usedBytes > this.#limitBytes / 2) collectEagerly();
		if (usedBytes <= this.#limitBytes) this.#suspectSince = 0;
		else if (this.#suspectSince === 0) this.#suspectSince = performance.now();
		const isLasting =
			this.#suspectSince > 0 &&
			performance.now() - this.#suspectSince >= SUSPECT_MS;
		if (isLasting || usedBytes > 2 * this.#limitBytes) this.#over();
	}

	#over() {
		this.stop();
		this.#onOver();
	}
}

let isEager = false;

function collectEagerly() {
	if (isEager) return;
	isEager = true;
	setFlagsFromString("--heap-growing-percent=30");
}
