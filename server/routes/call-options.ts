import { AlgoError, Want } from "../../src/index.ts";

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
}

const DEFAULTS: CallOptions = {
	timeoutMs: undefined,
	output: "default",
	wants: 0,
	timing: false,
	sudo: false,
	alert: undefined,
};

/** A name that was given twice has a list; its last value counts. */
export type Query = Record<string, string | string[]>;

/**
 * @param maxSeconds a longer timeout is cut to it
 * @throws AlgoError BAD_REQUEST naming the parameter and what is allowed
 */
export function readCallOptions(query: Query, maxSeconds: number): CallOptions {
	const timeout = last(query.timeout);
	const output = last(query.output);
	const stdout = last(query.stdout);
	const timing = last(query.timing);
	const sudo = last(query.sudo);
	if (
		timeout === undefined &&
		output === undefined &&
		stdout === undefined &&
		timing === undefined &&
		sudo === undefined
	)
		return DEFAULTS;
	const options = {
		...DEFAULTS,
		timing: timing === "1",
		sudo: isTrue(sudo),
	};
	if (timeout !== undefined && timeout !== "") {
		const seconds = Number(timeout);
		if (!(seconds > 0) || timeout.trim() === "")
			throw new AlgoError(
				"BAD_REQUEST",
				`timeout is '${timeout}'; it must be a number of seconds above 0, at most ${maxSeconds}`,
			);
		options.timeoutMs = Math.min(seconds, maxSeconds) * 1000;
		if (seconds > maxSeconds)
			options.alert = `timeout clamped to ${maxSeconds}`;
	}
	if (output !== undefined && output !== "" && output !== "default") {
		if (output !== "raw" && output !== "void")
			throw new AlgoError(
				"BAD_REQUEST",
				`output is '${output}'; it must be raw, void or default`,
			);
		options.output = output;
		if (output === "raw") options.wants |= Want.BARE;
	}
	if (isTrue(stdout)) options.wants |= Want.STDOUT;
	return options;
}

const isTrue = (value: string | undefined): boolean =>
	value !== undefined && /^(true|1)$/i.test(value);

function last(value: string | string[] | undefined): string | undefined {
	return Array.isArray(value) ? value.at(-1) : value;
}
