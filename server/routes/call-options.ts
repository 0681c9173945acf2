import { AlgoError, type Plan, Want } from "../../src/index.ts";

/** The query of a call (api-contract §3.3). */
export interface CallOptions {
	timeoutMs: number | undefined;
	output: "default" | "raw" | "void";
	/** Bits of Want. */
	wants: number;
	timing: boolean;
	/** To act as the algorithm's owner (api-contract §3.2). */
	sudo: boolean;
	/** For `metadata.alerts`. */
	alert: string | undefined;
	/** Of lists (interface §4). */
	batch: Plan | undefined;
	failsAtOnce: boolean;
	itemTimeoutMs: number | undefined;
}

const DEFAULTS: CallOptions = {
	timeoutMs: undefined,
	output: "default",
	wants: 0,
	timing: false,
	sudo: false,
	alert: undefined,
	batch: undefined,
	failsAtOnce: false,
	itemTimeoutMs: undefined,
};

const NAMES = [
	"timeout",
	"output",
	"stdout",
	"timing",
	"sudo",
	"batch",
	"onError",
	"itemTimeout",
];

/** A name that was given twice has a list; its last value counts. */
export type Query = Record<string, string | string[]>;

/**
 * @param maxSeconds a longer timeout is cut to it
 * @throws AlgoError BAD_REQUEST naming the parameter and what is allowed
 */
export function readCallOptions(query: Query, maxSeconds: number): CallOptions {
	if (NAMES.every((name) => query[name] === undefined)) return DEFAULTS;
	const timeout = last(query.timeout);
	const stdout = last(query.stdout);
	const timing = last(query.timing);
	const sudo = last(query.sudo);
	const options: CallOptions = {
		...DEFAULTS,
		timing: timing === "1",
		sudo: isTrue(sudo),
	};
	if (timeout) {
		const seconds = readSeconds("timeout", timeout, maxSeconds);
		options.timeoutMs = Math.min(seconds, maxSeconds) * 1000;
		if (seconds > maxSeconds)
			options.alert = `timeout clamped to ${maxSeconds}`;
	}
	const itemTimeout = last(query.itemTimeout);
	if (itemTimeout)
		options.itemTimeoutMs =
			readSeconds("itemTimeout", itemTimeout, maxSeconds) * 1000;
	options.output = readChoice(query, "output", OUTPUTS) ?? "default";
	if (options.output === "raw") options.wants |= Want.BARE;
	options.batch = readChoice(query, "batch", BATCHES);
	options.failsAtOnce = readChoice(query, "onError", ON_ERROR) === "fail";
	if (isTrue(stdout)) options.wants |= Want.STDOUT;
	return options;
}

const OUTPUTS = ["raw", "void", "default"] as const;
const BATCHES = ["native", "serial", "parallel"] as const;
const ON_ERROR = ["continue", "fail"] as const;

/** @throws AlgoError BAD_REQUEST */
function readSeconds(name: string, text: string, maxSeconds: number): number {
	const seconds = Number(text);
	if (!(seconds > 0) || text.trim() === "")
		throw new AlgoError(
			"BAD_REQUEST",
			`${name} is '${text}'; it must be a number of seconds above 0, at most ${maxSeconds}`,
		);
	return seconds;
}

/** @throws AlgoError BAD_REQUEST */
function readChoice<Choice extends string>(
	query: Query,
	name: string,
	choices: readonly Choice[],
): Choice | undefined {
	const text = last(query[name]);
	if (text === undefined || text === "") return undefined;
	const choice = choices.find((candidate) => candidate === text);
	if (choice) return choice;
	throw new AlgoError(
		"BAD_REQUEST",
		`${name} is '${text}'; it must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`,
	);
}

const isTrue = (value: string | undefined): boolean =>
	value !== undefined && /^(true|1)$/i.test(value);

function last(value: string | string[] | undefined): string | undefined {
	return Array.isArray(value) ? value.at(-1) : value;
}
