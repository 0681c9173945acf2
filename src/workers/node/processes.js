// The processes that author code has started, in a process namespace that is all ours.
import { readdirSync, readFileSync } from "node:fs";

const ROUNDS = 100;
const ROUND_MS = 1;
const clock = new Int32Array(new SharedArrayBuffer(4));

function pids() {
	try {
		return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	} catch {
		return []; // author code has all descriptors open; the server counts too
	}
}

export const countProcesses = () => pids().length;

/**
 * Ends all that no other worker has started. A process is known by the temporary folder in its environment; one that
 * has another environment hides, and ends too.
 * @param {string[]} others temporary folders of the workers that go on
 * @returns {boolean} false: they are born faster than they end
 */
export function endLeftProcesses(others) {
	for (let round = 0; round < ROUNDS; round++) {
		const left = pids().filter((pid) => isLeft(pid, others));
		if (left.length === 0) return true;
		for (const pid of left) end(Number(pid));
		Atomics.wait(clock, 0, 0, ROUND_MS);
	}
	return false;
}

/**
 * @param {string} pid
 * @param {string[]} others
 */
function isLeft(pid, others) {
	if (pid === "1" || Number(pid) === process.pid) return false;
	const stat = read(pid, "stat");
	const hasEnded =
		stat === "" || /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
	if (hasEnded) return false;
	const environment = `\0${read(pid, "environ")}`;
	return !others.some((temp) => environment.includes(`\0TMPDIR=${temp}\0`));
}

/**
 * @param {string} pid
 * @param {string} name
 */
function read(pid, name) {
	try {
		return readFileSync(`/proc/${pid}/${name}`, "latin1");
	} catch {
		return ""; // it has ended meanwhile, or hides
	}
}

/** @param {number} pid */
function end(pid) {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// ended meanwhile
	}
}
