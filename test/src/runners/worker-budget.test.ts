import { describe, expect, it } from "vitest";
import {
	WorkerBudget,
	type WorkerHolder,
} from "../../../src/runners/worker-budget.ts";

/** A holder whose workers come and go at once. */
class Holder implements WorkerHolder {
	workers = 0;
	waiting = 0;
	depth = 0;
	leaving = 0;
	sparesSince: number[] = [];
	hearsOfRoom = 0;
	readonly budget: WorkerBudget;

	constructor(budget: WorkerBudget) {
		this.budget = budget;
		budget.join(this);
	}

	/** Those that wait do so for calls one deep. */
	workersBeside(depth: number): number {
		return depth > 0 ? this.workers - this.waiting : this.workers;
	}

	start(): boolean {
		const may = this.budget.ask(this);
		if (may) this.workers++;
		return may;
	}

	giveUpSpare(): void {
		this.sparesSince.shift();
		this.workers--;
		this.budget.onFreed();
	}

	onRoom(): void {
		this.hearsOfRoom++;
		this.start();
	}
}

const make = (max: number, holders: number) => {
	const budget = new WorkerBudget(max);
	return [
		budget,
		...Array.from({ length: holders }, () => new Holder(budget)),
	] as [WorkerBudget, Holder, Holder, Holder];
};

describe("the budget of workers", () => {
	it("is one for all versions, and never passed", () => {
		const [budget, a, b] = make(3, 2);
		expect([a.start(), b.start(), a.start(), b.start(), a.start()]).toEqual([
			true,
			true,
			true,
			false,
			false,
		]);
		expect(budget.totalBeside(0)).toBe(3);
	});

	it("takes the longest idle worker of another version for the one who asks", () => {
		const [budget, a, b, c] = make(2, 3);
		a.start();
		b.start();
		a.sparesSince = [20];
		b.sparesSince = [10];
		expect(c.start()).toBe(false);
		expect([a.workers, b.workers, c.workers]).toEqual([1, 0, 1]);
		expect(budget.totalBeside(0)).toBe(2);
	});

	it("takes as many as nesting has brought beyond the bound", () => {
		const [, a, b, c] = make(2, 3);
		a.workers = 2;
		b.workers = 2;
		a.sparesSince = [10, 40];
		b.sparesSince = [20, 30];
		expect(c.start()).toBe(false);
		expect([a.workers, b.workers, c.workers]).toEqual([1, 0, 1]);
	});

	it("takes none where all idle ones would not be enough, or those that go will be", () => {
		const [, a, b] = make(2, 2);
		a.workers = 4;
		a.sparesSince = [10, 20];
		expect(b.start()).toBe(false);
		expect(a.workers).toBe(4);
		a.leaving = 3;
		expect(b.start()).toBe(false);
		expect(a.workers).toBe(4);
	});

	it("does not take an idle worker from the one who asks", () => {
		const [, a, b] = make(1, 2);
		a.start();
		a.sparesSince = [10];
		expect(a.start()).toBe(false);
		expect([a.workers, b.workers]).toEqual([1, 0]);
	});

	it("tells the one who was refused when there is room, and only then", () => {
		const [budget, a, b] = make(1, 2);
		a.start();
		b.start();
		expect(b.hearsOfRoom).toBe(0);
		budget.onFreed();
		expect(b.hearsOfRoom).toBe(0);
		a.workers = 0;
		budget.onFreed();
		expect([b.hearsOfRoom, b.workers]).toEqual([1, 1]);
		b.workers = 0;
		budget.onFreed();
		expect(b.hearsOfRoom).toBe(1);
	});

	it("gives room to the first who asked", () => {
		const [budget, a, b, c] = make(1, 3);
		a.start();
		b.start();
		c.start();
		a.workers = 0;
		budget.onFreed();
		expect([b.workers, c.workers]).toEqual([1, 0]);
	});

	it("forgets a wish that was withdrawn", () => {
		const [budget, a, b] = make(1, 2);
		a.start();
		b.start();
		budget.withdraw(b);
		a.workers = 0;
		budget.onFreed();
		expect([b.hearsOfRoom, b.workers]).toEqual([0, 0]);
	});

	it("gives the workers of one who leaves to those who wait", () => {
		const [budget, a, b] = make(2, 2);
		a.start();
		a.start();
		b.start();
		budget.leave(a);
		expect(b.workers).toBe(1);
		expect(budget.totalBeside(0)).toBe(1);
	});

	it("lets a busy version yield to one that has no worker, and not to one that has as many", () => {
		const [budget, a, b] = make(2, 2);
		a.start();
		a.start();
		expect(budget.shouldYield(a)).toBe(false);
		b.start();
		expect(budget.shouldYield(a)).toBe(true);
		expect(budget.shouldYield(b)).toBe(false);
		a.workers = 1;
		b.workers = 1;
		b.start();
		expect(budget.shouldYield(a)).toBe(false);
	});

	it("shares fairly: a version with two more than one that wants another yields", () => {
		const [budget, a, b] = make(4, 2);
		a.workers = 3;
		b.workers = 1;
		b.start();
		expect(budget.shouldYield(a)).toBe(true);
		a.workers = 2;
		expect(budget.shouldYield(a)).toBe(false);
	});

	it("does not count workers that wait for the call that wants one", () => {
		const [, a, b] = make(1, 2);
		a.start();
		a.waiting = 1;
		expect(b.start()).toBe(false);
		b.depth = 1;
		expect(b.start()).toBe(true);
		expect(b.start()).toBe(false);
	});
});
