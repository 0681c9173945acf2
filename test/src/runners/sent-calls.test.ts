import { describe, expect, it } from "vitest";
import { localCaller } from "../../../src/accounts/caller.ts";
import { Call } from "../../../src/runners/call.ts";
import { SentCalls } from "../../../src/runners/sent-calls.ts";

function sent(count: number): SentCalls {
	const calls = new SentCalls();
	calls.add(Array.from({ length: count }, newCall));
	return calls;
}

const newCall = () =>
	new Call(
		{
			requestId: "req-test",
			caller: localCaller("local"),
			inputKind: 0,
			wants: 0,
			body: Buffer.alloc(0),
		},
		60_000,
		() => {},
	);

const idsOf = (calls: readonly Call[]) => calls.map(({ id }) => id);

describe("the calls that a worker has", () => {
	it("are numbered, and taken in order only", () => {
		const calls = sent(3);
		expect(calls.take(2)).toBeUndefined();
		expect(calls.take(1)?.id).toBe(1);
		expect(idsOf(calls.all)).toEqual([2, 3]);
	});

	it("that a recall finds not started come back; the gate is closed until a later one starts", () => {
		const calls = sent(4);
		expect(calls.recall()).toBe(4);
		expect(calls.isOpen).toBe(false);
		expect(idsOf(calls.takeBack(2))).toEqual([3, 4]);
		expect(calls.hasRecalled(2)).toBe(true);
		calls.take(1);
		calls.take(2);
		expect(calls.isOpen).toBe(false);
		calls.add([newCall()]);
		calls.started(5);
		expect(calls.isOpen).toBe(true);
	});

	it("that were sent since a recall began are not meant by it", () => {
		const calls = sent(1);
		calls.recall();
		calls.take(1);
		calls.add([newCall(), newCall()]);
		expect(calls.takeBack(1)).toEqual([]);
		expect(calls.hasRecalled(2)).toBe(false);
		expect(idsOf(calls.all)).toEqual([2, 3]);
	});

	it("that started before a recall was heard have the gate closed behind them", () => {
		const calls = sent(1);
		calls.recall();
		calls.take(1);
		calls.add([newCall()]);
		calls.started(2);
		expect(calls.takeBack(2)).toEqual([]);
		expect(calls.hasRecalled(2)).toBe(true);
		expect(calls.isOpen).toBe(false);
		calls.add([newCall()]);
		calls.started(3);
		expect(calls.isOpen).toBe(true);
	});
});
