// The load generator, a process of its own: makes calls as it is told, and says how long each took.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Check } from "./check.ts";
import { Client, requestBytes } from "./client.ts";
import type { LoadPlan, LoadReport } from "./load.ts";

const GRACE_SECONDS = 20;

process.on("message", (plan: LoadPlan) => {
	run(plan).then(
		(report) => process.send?.(report),
		(error) => process.send?.({ error: error.message }),
	);
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function run(plan: LoadPlan): Promise<LoadReport> {
	const body = readFileSync(plan.bodyFile);
	const check = new Check(body);
	const url = new URL(plan.url);
	const request = requestBytes(url, body, plan.key);
	let onBroken: (error: Error) => void = () => {};
	const broken = new Promise<never>((_, reject) => {
		onBroken = reject;
	});
	const clients = await Promise.all(
		Array.from({ length: plan.connections }, () =>
			Client.open(url, request, onBroken),
		),
	);
	try {
		const cpuBefore = process.cpuUsage();
		const startedAt = performance.now();
		const latenciesMs = await Promise.race([
			broken,
			tooLate(plan.seconds),
			plan.callsPerS === undefined
				? backToBack(clients, plan, check)
				: atRate(clients, plan, plan.callsPerS, check),
		]);
		const seconds = (performance.now() - startedAt) / 1000;
		const { user, system } = process.cpuUsage(cpuBefore);
		return {
			seconds,
			latenciesMs,
			cpuShare: (user + system) / 1e6 / seconds,
		};
	} finally {
		for (const client of clients) client.close();
	}
}

/** A call that is never answered ends the run with an error and not in silence. */
async function tooLate(seconds: number): Promise<never> {
	await sleep((seconds + GRACE_SECONDS) * 1000, undefined, { ref: false });
	throw new Error(`a call had no answer for ${GRACE_SECONDS} s`);
}

/** Each connection makes its next call as soon as the last is answered; what has begun when the time is up is waited for. */
function backToBack(
	clients: Client[],
	{ seconds, calls = Number.POSITIVE_INFINITY }: LoadPlan,
	check: Check,
): Promise<number[]> {
	return new Promise((resolve, reject) => {
		const latenciesMs: number[] = [];
		const end = performance.now() + seconds * 1000;
		let begun = 0;
		let open = 0;
		for (const client of clients) {
			let sentAt = 0;
			const next = () => {
				begun++;
				open++;
				sentAt = performance.now();
				client.send();
			};
			client.onAnswer = (status, body) => {
				const now = performance.now();
				latenciesMs.push(now - sentAt);
				open--;
				try {
					check.see(status, body);
				} catch (error) {
					reject(error);
					return;
				}
				if (now < end && begun < calls) next();
				else if (open === 0) resolve(latenciesMs);
			};
			if (begun < calls) next();
		}
	});
}

/**
 * Calls begin on a clock, whatever the server does; a call that finds no free connection waits for one,
 * and its time counts from when it should have begun.
 */
function atRate(
	clients: Client[],
	{ seconds }: LoadPlan,
	callsPerS: number,
	check: Check,
): Promise<number[]> {
	return new Promise((resolve, reject) => {
		const latenciesMs: number[] = [];
		const total = Math.round(seconds * callsPerS);
		const startedAt = performance.now();
		const dueAt = (call: number) => startedAt + (call * 1000) / callsPerS;
		const free = [...clients];
		let begun = 0;
		const begin = () => {
			while (begun < total && dueAt(begun) <= performance.now()) {
				const client = free.pop();
				if (!client) return;
				const due = dueAt(begun++);
				client.onAnswer = (status, body) => {
					latenciesMs.push(performance.now() - due);
					free.push(client);
					try {
						check.see(status, body);
					} catch (error) {
						reject(error);
						return;
					}
					if (latenciesMs.length === total) {
						clearInterval(clock);
						resolve(latenciesMs);
					} else begin();
				};
				client.send();
			}
		};
		const clock = setInterval(begin, 1);
	});
}
