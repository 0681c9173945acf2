import { startContender } from "../contenders/contenders.ts";
import { LOOP } from "../contenders/places.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";

/** An infinite loop with `timeout=1`: when its caller is answered, and when the version works again. */
export async function endless(effort: Effort): Promise<Row[]> {
	const applyd = await startContender("applyd");
	const call = async (query: string, input: string) => {
		const startedAt = performance.now();
		const response = await fetch(`${applyd.url}${LOOP}${query}`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(input),
		});
		const text = await response.text();
		return { text, ms: performance.now() - startedAt };
	};
	const expect = (text: string, part: string) => {
		if (!text.includes(part)) throw new Error(`a wrong answer: ${text}`);
	};
	const answeredS: number[] = [];
	const backMs: number[] = [];
	expect((await call("", "once")).text, '"result":"once"');
	for (let i = 0; i < effort.times; i++) {
		const looped = await call("?timeout=1", "forever");
		expect(looped.text, "TimeoutError");
		const next = await call("", "once");
		expect(next.text, '"result":"once"');
		answeredS.push(looped.ms / 1000);
		backMs.push(next.ms);
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
	await applyd.child.end();
	return [
		{
			name: "endless-answered",
			what: "infinite loop, timeout=1: answered after",
			ours: `${short(median(answeredS))} s`,
			value: median(answeredS),
			unit: "s",
			target: { atMost: 1.1 },
			details: { answeredS },
		},
		{
			name: "endless-back",
			what: "the same: next call of that version answered after",
			ours: `${short(median(backMs))} ms`,
			value: median(backMs),
			unit: "ms",
			target: { atMost: 150 },
			details: { backMs },
		},
	];
}
