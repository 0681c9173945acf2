import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { Outbox } from "../../../../src/workers/node/outbox.js";

/** Both ends of the same memory. */
function ends() {
	const memory = Outbox.allocate();
	return { worker: new Outbox(memory), process: new Outbox(memory) };
}

const read = (outbox: Outbox) => {
	const { id, offset, lengths, text } = outbox.read() ?? {};
	return { id, offset, lengths: [...(lengths ?? [])], text: String(text) };
};

describe("an outbox", () => {
	it("has nothing before the first slice", () => {
		expect(ends().process.read()).toBeUndefined();
	});

	it("shows the other side what has ended, as it ends", () => {
		const { worker, process } = ends();
		worker.begin(7);
		expect(read(process)).toEqual({ id: 7, offset: 0, lengths: [], text: "" });
		worker.put("1", false, true);
		worker.put('{"e":"ü"}', true, false);
		expect(read(process)).toEqual({
			id: 7,
			offset: 0,
			lengths: [2 * 2, 10 * 2 + 1],
			text: '1,{"e":"ü"}',
		});
	});

	it("tells how much has been written, when nothing waits too", () => {
		const { worker, process } = ends();
		worker.begin(1);
		worker.put("1", false, true);
		worker.put("2", false, true);
		expect(worker.contents(3)).toMatchObject({ id: 1, offset: 0, runMs: 3 });
		worker.emptied();
		expect(read(process)).toEqual({ id: 1, offset: 2, lengths: [], text: "" });
		worker.emptied(1);
		worker.put("4", false, true);
		expect(read(process)).toMatchObject({ offset: 3, text: "4," });
	});

	it("still tells of a slice that has ended, until the next one begins", () => {
		const { worker, process } = ends();
		worker.begin(1);
		worker.put("1", false, true);
		worker.emptied();
		expect(read(process)).toMatchObject({ id: 1, offset: 1 });
		worker.begin(2);
		expect(read(process)).toMatchObject({ id: 2, offset: 0 });
	});

	it("is full when there is no room for a text, or for one more", () => {
		const { worker, process } = ends();
		worker.begin(1);
		expect(worker.put("x".repeat(600_000), false, true)).toBe(false);
		expect(worker.put("ü".repeat(262_140), false, true)).toBe(true);
		expect(worker.put("x".repeat(10), false, true)).toBe(false);
		worker.emptied();
		let count = 0;
		while (worker.put("", false, false)) count++;
		expect(read(process).lengths).toHaveLength(count);
		expect(count).toBeGreaterThan(1000);
	});

	it("is never read torn while its worker goes on", async () => {
		const memory = Outbox.allocate();
		const url = new URL(
			"../../../../src/workers/node/outbox.js",
			import.meta.url,
		);
		// The text of each outcome is its number in the slice.
		const worker = new Worker(
			`const { parentPort, workerData } = require("node:worker_threads");
			import(workerData.url).then(({ Outbox }) => {
				const outbox = new Outbox(workerData.memory);
				parentPort.postMessage("begun");
				for (let call = 1; ; call++) {
					outbox.begin(call);
					for (let n = 0; n < 5000; ) {
						const most = n + 1 + (n * 7) % 5;
						for (; n < most; n++) outbox.put(String(n), false, true);
						outbox.emptied();
					}
				}
			});`,
			{ eval: true, workerData: { url: url.href, memory } },
		);
		try {
			await new Promise((resolve) => worker.once("message", resolve));
			const outbox = new Outbox(memory);
			let texts = 0;
			for (let i = 0; i < 50_000; i++) {
				const { offset = 0, lengths, text } = outbox.read() ?? {};
				const count = lengths?.length ?? 0;
				let expected = "";
				for (let n = 0; n < count; n++) expected += `${offset + n},`;
				if (String(text ?? "") !== expected)
					expect(String(text)).toBe(expected);
				texts += count;
			}
			expect(texts).toBeGreaterThan(0);
		} finally {
			await worker.terminate();
		}
	});
});
