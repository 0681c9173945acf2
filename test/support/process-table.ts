import { readdirSync, readFileSync } from "node:fs";

/** The processes below one, children's children too, whatever namespaces they are in. */
export function descendantsOf(pid: number): number[] {
	const parents = new Map(
		readdirSync("/proc")
			.filter((name) => /^\d+$/.test(name))
			.map((name) => [Number(name), parentOf(Number(name))]),
	);
	const isBelow = (one: number): boolean => {
		const parent = parents.get(one);
		return parent !== undefined && (parent === pid || isBelow(parent));
	};
	return [...parents.keys()].filter(isBelow);
}

/**
 * The process below one that sees itself as `inside`, in whatever namespace.
 * @throws Error: there is none, or more than one
 */
export function pidOf(inside: number, below: number): number {
	const [pid, ...others] = descendantsOf(below).filter((one) =>
		read(one, "status").match(new RegExp(`^NSpid:.*\\b${inside}$`, "m")),
	);
	if (pid !== undefined && others.length === 0) return pid;
	throw new Error(`${others.length + 1} processes see themselves as ${inside}`);
}

/** A zombie that nobody has reaped yet counts as gone, as soon as none of its threads is left. */
export function isRunning(pid: number): boolean {
	const fields = fieldsOf(pid);
	return !/^[ZX]?$/.test(fields[0] ?? "") || Number(fields[17]) > 1;
}

/** Its arguments, with spaces between; "" of one that is gone. */
export const commandOf = (pid: number): string =>
	read(pid, "cmdline").replaceAll("\0", " ").trim();

const parentOf = (pid: number): number | undefined =>
	Number(fieldsOf(pid)[1]) || undefined;

/** Of /proc/PID/stat those after the name, which may hold anything: state, parent … number of threads … */
function fieldsOf(pid: number): string[] {
	const stat = read(pid, "stat");
	return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function read(pid: number, name: string): string {
	try {
		return readFileSync(`/proc/${pid}/${name}`, "latin1");
	} catch {
		return ""; // it ended while we looked
	}
}
