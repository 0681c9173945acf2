import { describe, expect, it } from "vitest";
import { localCaller } from "../../../src/accounts/caller.ts";
import { Call } from "../../../src/runners/call.ts";
import { endOverdue } from "../../../src/runners/deadline.ts";

const callUntil = (deadlineAt: number) => ({
	deadlineAt,
	ended: 0,
	overdue() {
		this.ended++;
	},
});

describe("a deadline", () => {
	it("ends those whose time is up, and no other", () => {
		const calls = [callUntil(10), callUntil(20), callUntil(21)];
		endOverdue(calls, 20);
		expect(calls.map(({ ended }) => ended)).toEqual([1, 1, 0]);
	});

	it("ends a call in the words of the contract", () => {
		const outcomes: unknown[] = [];
		const call = new Call(
			{
				requestId: "req-test",
				caller: localCaller("local"),
				inputKind: 0,
				wants: 0,
				body: Buffer.alloc(0),
			},
			0,
			(outcome) => outcomes.push(outcome),
		);
		endOverdue([call], call.deadlineAt);
		expect(outcomes).toMatchObject([
			{
				error: {
					message:
						"Failed to run algorithm - may have timed-out or hit out-of-memory error",
					errorType: "TimeoutError",
					authorStack: undefined,
				},
			},
		]);
	});

	it("ends every one even when each leaves the list as it ends", () => {
		const calls: ReturnType<typeof callUntil>[] = [];
		const leaving = (deadlineAt: number) => {
			const call = callUntil(deadlineAt);
			const { overdue } = call;
			call.overdue = () => {
				calls.splice(calls.indexOf(call), 1);
				overdue.call(call);
			};
			return call;
		};
		const all = [leaving(1), leaving(2), leaving(3)];
		calls.push(...all);
		endOverdue(calls, 5);
		expect(all.map(({ ended }) => ended)).toEqual([1, 1, 1]);
	});
});
