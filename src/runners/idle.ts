import type { Lane } from "./lane.ts";

/** Workers beyond the first go after this, or after the version's idle time if that is shorter. */
const SURPLUS_IDLE_MS = 30_000;

export function longestIdle(lanes: readonly Lane[]): Lane | undefined {
	let longest: Lane | undefined;
	for (const lane of lanes) {
		if (
			lane.state === "idle" &&
			(!longest || lane.idleSince < longest.idleSince)
		)
			longest = lane;
	}
	return longest;
}

/** Of those that can take calls, the one that was used last: the others may become idle for long and go. */
export function lastUsed(
	lanes: readonly Lane[],
	canTake: (lane: Lane) => boolean,
): Lane | undefined {
	let last: Lane | undefined;
	for (const lane of lanes)
		if (canTake(lane) && (!last || lane.idleSince > last.idleSince))
			last = lane;
	return last;
}

/**
 * @param lanes all workers of a version
 * @param now on the clock of performance.now()
 * @returns those that have been idle for so long that they should end
 */
export function idleForLong(
	lanes: readonly Lane[],
	now: number,
	{ idleMs, minWorkers }: { idleMs: number; minWorkers: number },
): Lane[] {
	const idle = lanes
		.filter((lane) => lane.state === "idle")
		.sort((a, b) => a.idleSince - b.idleSince);
	const surplusIdleMs = Math.min(SURPLUS_IDLE_MS, idleMs);
	return idle
		.slice(0, Math.max(0, lanes.length - minWorkers))
		.filter((lane, before) => {
			const isLast = lanes.length - before === 1;
			return now - lane.idleSince >= (isLast ? idleMs : surplusIdleMs);
		});
}
