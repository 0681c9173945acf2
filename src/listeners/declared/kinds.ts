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
import { pathFault } from "../sinks/data-directory.ts";
import { secretFault } from "../sinks/webhook-signature.ts";

/** One `type` of source or destination: what may stand there, and what must. */
export interface Kind {
	keys: Record<string, Check>;
	needed: readonly string[];
}

const some = must(
	(value) => typeof value === "string" && value !== "",
	"a text that is not empty",
);

const address = (...schemes: string[]): Check =>
	must(
		(value) =>
			typeof value === "string" &&
			schemes.some((scheme) => value.startsWith(`${scheme}://`)) &&
			URL.canParse(value) &&
			new URL(value).hostname !== "",
		`an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
	);

const BROKER = /^(\[[\da-fA-F:.]+\]|[^\s:/,@]+):\d{1,5}$/;
export const brokers = must(
	(value) =>
		Array.isArray(value) &&
		value.length > 0 &&
		value.every((one) => typeof one === "string" && BROKER.test(one)),
	"a list of HOST:PORT, at least one",
);

const collection = must(
	(value) =>
		typeof value === "string" &&
		value.includes("://") &&
		pathFault(value) === undefined,
	"a collection, data://.my/NAME or data://OWNER/NAME, or a folder behind a connector, s3://BUCKET/FOLDER",
);

const secret: Check = (value) =>
	secretFault(typeof value === "string" ? value : "")?.replace(
		"secret must be ",
		"",
	);

const SQS = {
	queueUrl: address("http", "https"),
	region: some,
	endpoint: address("http", "https"),
	credentials: must(
		() => false,
		"left out: credentials come from the usual AWS_… variables and stand in no file",
	),
};
const AMQP = { url: address("amqp", "amqps") };
const KAFKA = {
	brokers,
	topic: some,
	tls: must(
		(value) => typeof value === "boolean" || isObject(value),
		"true, false, or an object with ca, cert and key",
	),
	sasl: object,
};

export const SOURCES: Record<string, Kind> = {
	sqs: { keys: SQS, needed: ["queueUrl"] },
	amqp: {
		keys: { ...AMQP, queue: some, prefetch: whole(1, 65_535) },
		needed: ["url", "queue"],
	},
	kafka: {
		keys: {
			...KAFKA,
			groupId: some,
			from: oneOf("earliest", "latest"),
			order: oneOf("key", "partition", "none"),
		},
		needed: ["brokers", "topic", "groupId"],
	},
};

const SINKS: Record<string, Kind> = {
	data: { keys: { path: collection }, needed: ["path"] },
	sqs: { keys: SQS, needed: ["queueUrl"] },
	amqp: {
		keys: { ...AMQP, exchange: text, routingKey: some },
		needed: ["url", "routingKey"],
	},
	kafka: { keys: KAFKA, needed: ["brokers", "topic"] },
	webhook: {
		keys: { url: address("http", "https"), secret },
		needed: ["url", "secret"],
	},
};

export const RESULTS: Record<string, Kind> = {
	...SINKS,
	none: { keys: {}, needed: [] },
};

export const DEAD_LETTERS: Record<string, Kind> = {
	...SINKS,
	broker: { keys: { queue: some }, needed: [] },
};

const SASL: Kind = {
	keys: {
		mechanism: oneOf("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
		username: some,
		password: some,
	},
	needed: ["mechanism", "username", "password"],
};
const TLS: Kind = { keys: { ca: some, cert: some, key: some }, needed: [] };

/**
 * @param name `source`, `results` or `deadLetters`
 * @throws UsageError naming the field
 */
export function checkPlace(
	value: Record<string, unknown>,
	name: string,
	kinds: Record<string, Kind>,
): void {
	const type = oneOf(...Object.keys(kinds));
	checkMembers({ type: value.type }, `${name}.`, {
		keys: { type },
		needed: ["type"],
	});
	const { keys, needed } = kinds[value.type as string] as Kind;
	checkMembers(value, `${name}.`, { keys: { type, ...keys }, needed });
	const { sasl, tls } = value;
	if (isObject(sasl)) checkMembers(sasl, `${name}.sasl.`, SASL);
	if (isObject(tls)) checkMembers(tls, `${name}.tls.`, TLS);
}

/** @throws UsageError naming the first member that is wrong or missing */
export function checkMembers(
	value: Record<string, unknown>,
	prefix: string,
	{ keys, needed }: Kind,
): void {
	const missing = needed.find((key) => value[key] === undefined);
	const fault =
		faultIn(withoutAbsent(value), keys, prefix, shown) ??
		(missing &&
			`"${prefix}${missing}" is missing; it must be ${keys[missing]?.(undefined)}`);
	if (fault) throw new UsageError(fault);
}

const withoutAbsent = (value: Record<string, unknown>) =>
	Object.fromEntries(
		Object.entries(value).filter(([, member]) => member !== undefined),
	);

const HIDDEN = ["secret", "password", "credentials", "sasl", "tls", "key"];
const MAX_SHOWN = 200;

/** What is wrong goes into logs, where no secret belongs. */
function shown(key: string, value: unknown): string {
	if (HIDDEN.includes(key)) return "(not shown)";
	const text = JSON.stringify(value).slice(0, MAX_SHOWN);
	return text.replace(/(:\/\/[^/@]*:)[^@]*@/g, "$1…@");
}
