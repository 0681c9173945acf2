// Ends a worker that holds more memory than its version may have (design §3.1).

const POLL_MS = 20;
/** A reading that takes longer comes from a thread inside a native call, which no interrupt reaches. */
const SILENT_MS = 100;
const SUSPECT_MS = 100;

/**
 * Used memory is live memory plus garbage that V8 has not collected yet. The process runs with
 * `--heap-growing-percent=30`, which collects at 1.3 times the live heap, and external
 * memory is collected every 64 MB; so readings that stay above that for a while mean live memory.
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
		if (activeMs === this.#activeMs) return; // idle since the last look
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
