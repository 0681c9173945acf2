import { UsageError } from "../../config/config.ts";
import { brokers as brokersCheck } from "../declared/kinds.ts";
import type {
	AmqpSourceOptions,
	KafkaSourceOptions,
	SourceOptions,
	SqsOptions,
} from "../options.ts";

/** The original's one source, and ours (api-contract §10.1). */
export const SOURCE_TYPES = ["AmazonSQS", "Kafka", "AMQP"] as const;

export type SourceType = (typeof SOURCE_TYPES)[number];

/**
 * Where a listener that was made over the API takes its messages from.
 *
 * `AmazonSQS`: the queue's URL, with `ACCESS_KEY_ID:SECRET_ACCESS_KEY` or `…:SESSION_TOKEN`.
 * `Kafka`: `kafka://HOST:PORT[,HOST:PORT]/TOPIC?groupId=&from=&mechanism=&tls=`, with `USER:PASSWORD`: then SASL, by default
 * PLAIN over TLS.
 * `AMQP`: `amqp://HOST[:PORT]/VHOST?queue=`, or `amqps:`, with `USER:PASSWORD`.
 * @param id the consumer group of who names none
 * @throws UsageError naming the field
 */
export function readSourceUri(
	type: SourceType,
	uri: string,
	credentials: string | undefined,
	id: string,
): SourceOptions {
	switch (type) {
		case "AmazonSQS":
			return sqs(uri, credentials);
		case "Kafka":
			return kafka(uri, credentials, id);
		case "AMQP":
			return amqp(uri, credentials);
	}
}

function sqs(uri: string, credentials: string | undefined): SqsOptions {
	const url = parse(uri);
	const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
	if (!url || !isHttp || url.pathname === "/")
		throw refused(uri, "the URL of a queue, https://…");
	demandNoUser(url.username);
	if (credentials === undefined) return { type: "sqs", queueUrl: uri };
	if (credentials.startsWith("arn:"))
		throw new UsageError(
			"credentials name a role, and to take on a role is not implemented; give ACCESS_KEY_ID:SECRET_ACCESS_KEY of a user who may read the queue",
		);
	const [accessKeyId, secretAccessKey, sessionToken, ...rest] =
		credentials.split(":");
	if (
		!accessKeyId ||
		!secretAccessKey ||
		sessionToken === "" ||
		rest.length > 0
	)
		throw new UsageError(
			"credentials must be ACCESS_KEY_ID:SECRET_ACCESS_KEY, or with :SESSION_TOKEN",
		);
	const keys = { accessKeyId, secretAccessKey };
	return {
		type: "sqs",
		queueUrl: uri,
		credentials: sessionToken ? { ...keys, sessionToken } : keys,
	};
}

const KAFKA = /^kafka:\/\/([^/?#]*)\/([\w.-]{1,249})(?:\?([^#]*))?$/;

function kafka(
	uri: string,
	credentials: string | undefined,
	id: string,
): KafkaSourceOptions {
	const [, hosts = "", topic, query = ""] = KAFKA.exec(uri) ?? [];
	demandNoUser(hosts.includes("@") ? hosts : "");
	const brokers = hosts.split(",");
	if (topic === undefined || brokersCheck(brokers) !== undefined)
		throw refused(uri, "kafka://HOST:PORT/TOPIC?groupId=NAME");
	const asked = readQuery(query, ["groupId", "from", "mechanism", "tls"]);
	const { groupId = id, mechanism = "PLAIN" } = asked;
	const sasl = credentials === undefined ? undefined : userIn(credentials);
	if (asked.mechanism !== undefined && !sasl)
		throw new UsageError(
			"sourceURI has a mechanism, and there are no credentials; give USER:PASSWORD",
		);
	const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
	const from = oneIn("from", asked.from ?? "earliest", ["earliest", "latest"]);
	const tls = oneIn("tls", asked.tls ?? String(sasl !== undefined), [
		"true",
		"false",
	]);
	return {
		type: "kafka",
		brokers,
		topic,
		groupId,
		from,
		tls: tls === "true",
		...(sasl && {
			sasl: { mechanism: oneIn("mechanism", mechanism, mechanisms), ...sasl },
		}),
	};
}

function amqp(uri: string, credentials: string | undefined): AmqpSourceOptions {
	const url = parse(uri);
	const isAmqp = url?.protocol === "amqp:" || url?.protocol === "amqps:";
	const form = "amqps://HOST/VHOST?queue=NAME";
	if (!url || !isAmqp || url.hostname === "") throw refused(uri, form);
	demandNoUser(url.username);
	const { queue } = readQuery(url.search, ["queue"]);
	if (!queue) throw refused(uri, form);
	const { username, password } =
		credentials === undefined ? url : userIn(credentials);
	url.username = encodeURIComponent(username);
	url.password = encodeURIComponent(password);
	url.search = "";
	url.hash = "";
	return { type: "amqp", url: url.href, queue };
}

const parse = (uri: string): URL | undefined =>
	URL.canParse(uri) ? new URL(uri) : undefined;

/** What stands in the address is shown to whoever may see the listener. */
function demandNoUser(user: string): void {
	if (user !== "")
		throw new UsageError(
			"sourceURI has a user in it; give USER:PASSWORD as credentials, which are never shown",
		);
}

function userIn(credentials: string): { username: string; password: string } {
	const at = credentials.indexOf(":");
	if (at < 1 || at === credentials.length - 1)
		throw new UsageError("credentials must be USER:PASSWORD");
	return {
		username: credentials.slice(0, at),
		password: credentials.slice(at + 1),
	};
}

/** @throws UsageError for a parameter that is not known, or given twice */
function readQuery<const Name extends string>(
	text: string,
	known: readonly Name[],
): Partial<Record<Name, string>> {
	const query = new URLSearchParams(text);
	for (const name of query.keys()) {
		if (!known.some((one) => one === name))
			throw new UsageError(
				`sourceURI has the parameter ${JSON.stringify(name)}; it may have ${known.join(", ")}`,
			);
		if (query.getAll(name).length > 1)
			throw new UsageError(`sourceURI has ${name} twice; give it once`);
	}
	return Object.fromEntries(query) as Partial<Record<Name, string>>;
}

function oneIn<const T extends string>(
	name: string,
	value: string,
	allowed: readonly T[],
): T {
	const found = allowed.find((one) => one === value);
	if (found !== undefined) return found;
	throw new UsageError(
		`sourceURI has ${name}=${value}; it must be one of ${allowed.join(", ")}`,
	);
}

const refused = (uri: string, form: string): UsageError =>
	new UsageError(
		`"sourceURI" is ${JSON.stringify(uri.replace(/\/\/[^/@]*@/, "//…@"))}; it must be ${form}`,
	);
