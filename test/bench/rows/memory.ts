import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
	type ContenderName,
	startContender,
} from "../contenders/contenders.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";

const LOOK_EVERY_MS = 250;
/** Settled: so many looks in a row that differ by less than a hundredth. */
const CALM_LOOKS = 4;
const MAX_LOOKS = 20;

/** Resident memory of a server that nobody has called. */
export async function idleMemory(effort: Effort): Promise<Row[]> {
	const oursMb: number[] = [];
	const bareMb: number[] = [];
	for (let i = 0; i < Math.min(3, effort.times); i++) {
		oursMb.push(await settledMb("applyd"));
		bareMb.push(await settledMb("bare"));
	}
	const ratios = oursMb.map((mb, i) => mb / (bareMb[i] as number));
	return [
		{
			name: "idle-memory",
			what: "idle memory, no call made",
			ours: `${short(median(oursMb))} MB`,
			against: `bare ${short(median(bareMb))} MB`,
			value: median(ratios),
			unit: "×",
			target: { atMost: 1.5 },
			details: { ratios, oursMb, bareMb },
		},
	];
}

async function settledMb(name: ContenderName): Promise<number> {
	const { child } = await startContender(name);
	let mb = await residentMb(child.pid);
	let calm = 0;
	for (let look = 0; look < MAX_LOOKS && calm < CALM_LOOKS; look++) {
		await sleep(LOOK_EVERY_MS);
		const next = await residentMb(child.pid);
		calm = Math.abs(next - mb) < mb / 100 ? calm + 1 : 0;
		mb = next;
	}
	await child.end();
	return mb;
}

async function residentMb(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, "latin1");
	const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
	if (kilobytes === undefined) throw new Error(`no VmRSS of process ${pid}`);
	return Number(kilobytes) / 1024;
}
