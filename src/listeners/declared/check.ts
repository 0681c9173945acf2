import {
	type Check,
	faultIn,
	isObject,
	must,
	object,
	oneOf,
	text,
	whole,
} from "../../checks.ts";
import { UsageError } from "../../config/config.ts";
import {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
} from "../../registry/names.ts";
import { readRef } from "../../registry/ref.ts";
import { parseSelector } from "../../registry/selector.ts";
import type { ListenerOptions } from "../options.ts";
import { DEFAULTS } from "./defaults.ts";
import { connected, demandOtherThan } from "./destinations.ts";
import {
	checkMembers,
	checkPlace,
	DEAD_LETTERS,
	type Kind,
	RESULTS,
	SOURCES,
} from "./kinds.ts";
import { withVariables } from "./variables.ts";

const MAX_CONCURRENCY = 4096;
const MAX_ATTEMPTS = 1000;
const MAX_RETRY_SECONDS = 3600;
/** No broker keeps a message away for longer than SQS can. */
const MAX_BUSY_SECONDS = 43_200;

export interface CheckContext {
	/** Whose a listener is that does not say. */
	account: string;
	maxTimeoutSeconds: number;
	/** Where `${NAME}` in an address or a secret comes from. */
	environment: NodeJS.ProcessEnv;
}

/**
 * The listeners that a file declares (interface §7), with their defaults.
 *
 * In `url`, `secret`, `sasl.username`, `sasl.password` and `brokers` `${NAME}` stands for a variable of the server's
 * environment, so that no secret need be in the file.
 * @param source of the file
 * @throws UsageError in one line: which listener and which field, and what it must be
 */
export function checkListeners(
	source: string,
	context: CheckContext,
): ListenerOptions[] {
	const places = new Map<string, number>();
	return listIn(source).map((value, index) => {
		const name = isObject(value) ? value.name : undefined;
		const called = typeof name === "string" ? ` ${JSON.stringify(name)}` : "";
		try {
			const options = checkListener(value, context);
			const before = places.get(options.name);
			if (before !== undefined)
				throw new UsageError(
					`"name" is that of listeners[${before}]; it must be another`,
				);
			places.set(options.name, index);
			return options;
		} catch (error) {
			if (!(error instanceof UsageError)) throw error;
			throw new UsageError(`listeners[${index}]${called}: ${error.message}`);
		}
	});
}

const FILE = {
	$schema: text,
	listeners: must(Array.isArray, "a list of listeners"),
};

function listIn(source: string): unknown[] {
	let value: unknown;
	try {
		value = JSON.parse(source.replace(/^\uFEFF/, ""));
	} catch (error) {
		const { message } = error as Error;
		throw new UsageError(`is no valid JSON: ${message.replace(/\s+/g, " ")}`);
	}
	if (!isObject(value))
		throw new UsageError('must be an object: {"listeners": […]}');
	const fault =
		faultIn(value, FILE, "") ??
		(value.listeners === undefined &&
			'"listeners" is missing; it must be a list');
	if (fault) throw new UsageError(fault);
	return value.listeners as unknown[];
}

const seconds = (minimum: number, maximum: number): Check =>
	must(
		(value) =>
			typeof value === "number" && value >= minimum && value <= maximum,
		`a number of seconds from ${minimum} to ${maximum}`,
	);

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

const listenerKind = (maxTimeoutSeconds: number): Kind => ({
	keys: {
		name: must(
			(value) =>
				typeof value === "string" &&
				/^[a-zA-Z\d][\w.-]{0,99}$/.test(value) &&
				!UUID.test(value),
			"letters, digits, '.', '_' and '-', at most 100, a letter or digit first, and no UUID: those are the names of listeners made over the API",
		),
		algorithm: must(isRef, "OWNER/NAME or OWNER/NAME/VERSION"),
		account: must(
			(value) =>
				typeof value === "string" &&
				nameFault(value, MAX_OWNER_LENGTH) === undefined,
			`an account: a letter, then letters, digits and _, at most ${MAX_OWNER_LENGTH} characters`,
		),
		source: object,
		concurrency: whole(1, MAX_CONCURRENCY),
		timeoutSeconds: must(
			(value) =>
				typeof value === "number" && value > 0 && value <= maxTimeoutSeconds,
			`a number of seconds above 0, at most ${maxTimeoutSeconds} (--max-timeout-seconds)`,
		),
		ack: oneOf("done", "accepted"),
		maxAttempts: whole(1, MAX_ATTEMPTS),
		retryDelaySeconds: seconds(0, MAX_RETRY_SECONDS),
		busyDelaySeconds: seconds(0, MAX_BUSY_SECONDS),
		results: object,
		deadLetters: object,
	},
	needed: ["name", "algorithm", "source"],
});

function isRef(value: unknown): boolean {
	const ref = typeof value === "string" ? readRef(value) : undefined;
	return (
		ref !== undefined &&
		ref.selector !== "" &&
		nameFault(ref.owner, MAX_OWNER_LENGTH) === undefined &&
		nameFault(ref.name, MAX_NAME_LENGTH) === undefined &&
		parseSelector(ref.selector) !== undefined
	);
}

/** @throws UsageError naming the field */
function checkListener(
	written: unknown,
	{ account, maxTimeoutSeconds, environment }: CheckContext,
): ListenerOptions {
	if (!isObject(written)) throw new UsageError("it must be an object");
	const value = withVariables(written, environment) as Record<string, unknown>;
	checkMembers(value, "", listenerKind(maxTimeoutSeconds));
	const source = value.source as Record<string, unknown>;
	checkPlace(source, "source", SOURCES);
	const destination = (
		name: string,
		kinds: Record<string, Kind>,
		otherwise: string,
	) => {
		const given = (value[name] ?? { type: otherwise }) as Record<
			string,
			unknown
		>;
		const whole = connected(given, source);
		checkPlace(whole, name, kinds);
		demandOtherThan(source, whole, name);
		return whole;
	};
	const results = destination("results", RESULTS, "none");
	const deadLetters = destination("deadLetters", DEAD_LETTERS, "broker");
	demandPlaceForDead(source, deadLetters, value.deadLetters === undefined);
	const { timeoutSeconds } = DEFAULTS;
	return {
		...DEFAULTS,
		account,
		ack: "done",
		timeoutSeconds: Math.min(timeoutSeconds, maxTimeoutSeconds),
		...value,
		source: source.type === "kafka" ? { from: "earliest", ...source } : source,
		results,
		deadLetters,
	} as unknown as ListenerOptions;
}

/** @throws UsageError if the broker is to do what it cannot */
function demandPlaceForDead(
	{ type }: Record<string, unknown>,
	deadLetters: Record<string, unknown>,
	isLeftOut: boolean,
): void {
	if (deadLetters.type !== "broker") return;
	if (type === "kafka")
		throw new UsageError(
			`"deadLetters" is ${isLeftOut ? "missing" : '{"type":"broker"}'}, and Kafka has no place for dead letters of its own; name one, such as {"type":"data","path":"data://.my/COLLECTION"}`,
		);
	if (deadLetters.queue !== undefined && type !== "amqp")
		throw new UsageError(
			'"deadLetters.queue" is given, and an SQS queue says itself where its dead letters are; leave it out',
		);
}
