import { describe, expect, it } from "vitest";
import type { AlgoError } from "../../../src/errors.ts";
import { endOverdue } from "../../../src/runners/deadline.ts";

const callUntil = (deadlineAt: number) => ({
	deadlineAt,
	ended: [] as AlgoError[],
	end(error: AlgoError) {
		this.ended.push(error);
	},
});

describe("a deadline", () => {
	it("ends those whose time is up, and no other", () => {
		const calls = [callUntil(10), callUntil(20), callUntil(21)];
		endOverdue(calls, 20);
		expect(calls.map(({ ended }) => ended.map(({ code }) => code))).toEqual([
			["TIMED_OUT"],
			["TIMED_OUT"],
			[],
		]);
	});

	it("says so in the words of the contract", () => {
		const call = callUntil(0);
		endOverdue([call], 0);
		expect(call.ended[0]).toMatchObject({
			message:
				"Failed to run algorithm - may have timed-out or hit out-of-memory error",
			errorType: "TimeoutError",
			authorStack: undefined,
		});
	});

	it("ends every one even when each leaves the list as it ends", () => {
		const calls: ReturnType<typeof callUntil>[] = [];
		const leaving = (deadlineAt: number) => {
			const call = callUntil(deadlineAt);
			const { end } = call;
			call.end = (error) => {
				calls.splice(calls.indexOf(call), 1);
				end.call(call, error);
			};
			return call;
		};
		const all = [leaving(1), leaving(2), leaving(3)];
		calls.push(...all);
		endOverdue(calls, 5);
		expect(all.map(({ ended }) => ended.length)).toEqual([1, 1, 1]);
	});
});
