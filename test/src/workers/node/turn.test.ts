import { describe, expect, it } from "vitest";
import { Turn } from "../../../../src/workers/node/turn.js";

/** Both ends of the same memory. */
function ends() {
	const memory = Turn.allocate();
	return { worker: new Turn(memory), process: new Turn(memory) };
}

describe("a turn", () => {
	it("lets calls start, and the other side sees the last", () => {
		const { worker, process } = ends();
		expect(process.started).toBe(0);
		expect([1, 2, 3].map((id) => worker.start(id))).toEqual([true, true, true]);
		expect(process.started).toBe(3);
	});

	it("that is recalled holds back what has not started, up to the last that was sent", () => {
		const { worker, process } = ends();
		worker.start(1);
		expect(process.recall(4)).toBe(1);
		expect([2, 3, 4].map((id) => worker.start(id))).toEqual([
			false,
			false,
			false,
		]);
		expect(process.started).toBe(1);
	});

	it("that is recalled before any call started says 0, and holds back the first", () => {
		const { worker, process } = ends();
		expect(process.recall(2)).toBe(0);
		expect(worker.start(1)).toBe(false);
		expect(worker.start(2)).toBe(false);
		expect(worker.start(3)).toBe(true);
	});

	it("opens again for a call that was sent after the recall", () => {
		const { worker, process } = ends();
		worker.start(1);
		process.recall(3);
		expect(worker.start(2)).toBe(false);
		expect(worker.start(4)).toBe(true);
		expect(worker.start(5)).toBe(true);
		expect(process.started).toBe(5);
	});

	it("can be recalled again once it has opened", () => {
		const { worker, process } = ends();
		worker.start(1);
		process.recall(2);
		worker.start(3);
		expect(process.recall(5)).toBe(3);
		expect(worker.start(4)).toBe(false);
		expect(worker.start(6)).toBe(true);
	});

	it("that is recalled twice gives the same answer", () => {
		const { worker, process } = ends();
		worker.start(1);
		worker.start(2);
		expect(process.recall(3)).toBe(2);
		expect(process.recall(3)).toBe(2);
		expect(worker.start(3)).toBe(false);
	});

	it("that is recalled with nothing left loses no call", () => {
		const { worker, process } = ends();
		worker.start(1);
		expect(process.recall(1)).toBe(1);
		expect(worker.start(2)).toBe(true);
	});

	it("agrees on every call, whenever the recall comes", () => {
		for (let moment = 0; moment <= 5; moment++) {
			const { worker, process } = ends();
			let started = -1;
			const ran: number[] = [];
			for (let id = 1; id <= 5; id++) {
				if (id - 1 === moment) started = process.recall(5);
				if (worker.start(id)) ran.push(id);
			}
			if (moment === 5) started = process.recall(5);
			expect(ran).toEqual([1, 2, 3, 4, 5].slice(0, started));
		}
	});
});
