import type { KafkaAddress } from "../../options.ts";

/** One sentence about what has failed, where, and why; never with a password. */
export function failure(
	what: string,
	{ brokers, topic }: KafkaAddress,
	error: unknown,
): Error {
	const reasons = [...new Set(reasonsOf(error))].join("; ");
	const where = `Kafka at ${brokers.join(", ")}`;
	if (/^Unknown topic|UNKNOWN_TOPIC/.test(reasons))
		return new Error(
			`${what}: ${where} has no topic "${topic}"; create it there, or correct "topic"`,
		);
	return new Error(`${what}: ${where}: ${reasons}`, { cause: error });
}

/** Of what has failed at once: it may be declared wrongly. */
export function refusal(
	what: string,
	address: KafkaAddress,
	error: unknown,
): Error {
	const failed = failure(what, address, error);
	const hint = hintAt(failed.message, address);
	if (hint) failed.message += `; ${hint}`;
	return failed;
}

function hintAt(
	message: string,
	{ sasl, tls }: KafkaAddress,
): string | undefined {
	if (message.endsWith("Broker requires TLS."))
		return 'set "tls", or name its plain port';
	if (message.endsWith("Connection closed") && !sasl)
		return `does it ask for "sasl"${tls ? "" : ' or "tls"'}?`;
	if (message.includes("INCONSISTENT_GROUP_PROTOCOL"))
		return 'the group has members that do not share partitions by "cooperative-sticky": end them first, or choose another "groupId"';
	return undefined;
}

/** Of an error of this library the innermost say why: it wraps them in lists and causes. */
function reasonsOf(error: unknown): string[] {
	if (error instanceof AggregateError) return error.errors.flatMap(reasonsOf);
	if (!(error instanceof Error)) return [String(error)];
	if (error.cause !== undefined) return reasonsOf(error.cause);
	const { message, apiId, serverErrorMessage } = error as Error & {
		apiId?: string;
		serverErrorMessage?: string | null;
	};
	return [apiId ? `${serverErrorMessage || message} (${apiId})` : message];
}

/** Whether Kafka itself answered with this error, or with it among others. */
export function isProtocolError(error: unknown, ...ids: string[]): boolean {
	if (error instanceof AggregateError)
		return error.errors.some((one) => isProtocolError(one, ...ids));
	if (!(error instanceof Error)) return false;
	const { apiId, cause } = error as Error & { apiId?: string };
	return (
		(apiId !== undefined && ids.includes(apiId)) ||
		isProtocolError(cause, ...ids)
	);
}

/** The group has gone on without us, or is about to: its heartbeats find that out. */
export const isGroupMoving = (error: unknown): boolean =>
	isProtocolError(
		error,
		"ILLEGAL_GENERATION",
		"REBALANCE_IN_PROGRESS",
		"UNKNOWN_MEMBER_ID",
		"MEMBER_ID_REQUIRED",
	);

/** The group's coordinator is being made or moved. */
export const isGroupSettling = (error: unknown): boolean =>
	isProtocolError(
		error,
		"COORDINATOR_NOT_AVAILABLE",
		"COORDINATOR_LOAD_IN_PROGRESS",
		"NOT_COORDINATOR",
	);
