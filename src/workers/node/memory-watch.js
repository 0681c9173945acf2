// Ends a worker that holds more memory than its version may have (design §3.1).

import { setFlagsFromString } from "node:v8";

const POLL_MS = 20;
/** A reading that takes longer comes from a thread inside a native call, which no interrupt reaches. */
const SILENT_MS = 100;
/** So many readings in a row are no garbage, which comes and goes. */
const LASTING_READINGS = 12;

/**
 * Used memory is live memory plus garbage that V8 has not collected yet. V8 is told to collect at 1.3 times
 * the live heap (`collectEagerly`), and it collects external memory every 64 MB; on a busy machine later. So
 * readings that stay above one and a half times the bound and 128 MB mean live memory.
 */
export class MemoryWatch {
	#worker;
	#limitBytes;
	#onOver;
	#timer;
	#readingsOver = 0;
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
		this.#limitBytes = (memoryMb * 1.5 + 128) * 2 ** 20;
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
			this.#readingsOver = 0; // idle since the last look: nothing collects, and nothing grows
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
		this.#readingsOver =
			usedBytes > this.#limitBytes ? this.#readingsOver + 1 : 0;
		const isLasting = this.#readingsOver >= LASTING_READINGS;
		if (isLasting || usedBytes > 2 * this.#limitBytes) this.#over();
	}

	#over() {
		this.stop();
		this.#onOver();
	}
}

/**
 * For the whole process, and only once a thread is up: under flags of its own V8 starts without its code
 * cache, which takes 30 ms more.
 */
export function collectEagerly() {
	setFlagsFromString("--heap-growing-percent=30");
}
