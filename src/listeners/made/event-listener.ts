import { type Check, isObject, must, whole } from "../../checks.ts";
import { UsageError } from "../../config/config.ts";
import {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
} from "../../registry/names.ts";
import { parseSelector } from "../../registry/selector.ts";
import { DEFAULTS } from "../declared/defaults.ts";
import { checkMembers } from "../declared/kinds.ts";
import type { ListenerOptions } from "../options.ts";
import { readSourceUri, SOURCE_TYPES, type SourceType } from "./source-uri.ts";

/** What the owner of a listener says of it (api-contract §10.1), without its credentials. */
export interface EventListenerFields {
	sourceType: SourceType;
	sourceURI: string;
	algoOwner: string;
	algoName: string;
	/** "" for the newest public one. */
	algoVersion: string;
	algoTimeoutSeconds: number;
}

/** A listener that was made over the API, as the original platform's clients see it. */
export interface EventListener extends EventListenerFields {
	id: string;
	listenerOwner: string;
	/** MASK, if there are any. */
	credentials?: string;
}

/** Stands for credentials, which are never shown; whoever sends it back means those that are there. */
export const MASK = "********";

const MAX_LENGTH = 255;

const text = (what: string, isFine = (_: string) => true): Check =>
	must(
		(value) =>
			typeof value === "string" &&
			value !== "" &&
			value.length <= MAX_LENGTH &&
			isFine(value),
		`${what}, at most ${MAX_LENGTH} characters`,
	);

const name = (maxLength: number) => (value: string) =>
	nameFault(value, maxLength) === undefined;

const anything: Check = () => undefined;

/**
 * @param body of a POST or PUT, as JSON
 * @throws UsageError naming the field
 */
export function readEventListener(
	body: unknown,
	maxTimeoutSeconds: number,
): { fields: EventListenerFields; credentials: string | undefined } {
	if (!isObject(body))
		throw new UsageError("the body must be a JSON object with sourceType, …");
	// What a client leaves out, some write as null or "".
	const given = Object.fromEntries(
		Object.entries(body).filter(([, value]) => value !== null && value !== ""),
	);
	checkMembers(given, "", {
		keys: {
			id: anything,
			listenerOwner: anything,
			sourceType: must(
				(value) => SOURCE_TYPES.some((one) => one === value),
				`one of ${SOURCE_TYPES.join(", ")}; no other is implemented`,
			),
			sourceURI: text("the address of a queue or topic"),
			algoOwner: text("an account's name", name(MAX_OWNER_LENGTH)),
			algoName: text("an algorithm's name", name(MAX_NAME_LENGTH)),
			algoVersion: text(
				"a version such as 1.0.5",
				(version) => parseSelector(version) !== undefined,
			),
			algoTimeoutSeconds: whole(1, Math.max(1, Math.floor(maxTimeoutSeconds))),
			credentials: text("a text"),
		},
		needed: ["sourceType", "sourceURI", "algoOwner", "algoName"],
	});
	const { id: _, listenerOwner: __, credentials, ...fields } = given;
	const timeout = Math.min(DEFAULTS.timeoutSeconds, maxTimeoutSeconds);
	return {
		fields: {
			algoVersion: "",
			algoTimeoutSeconds: timeout,
			...fields,
		} as EventListenerFields,
		credentials: credentials as string | undefined,
	};
}

/**
 * How such a listener runs: as the original's did, a message is acknowledged when its call is accepted, and its result
 * goes nowhere (api-contract §10.2).
 * @throws UsageError naming the field
 */
export function optionsOf(
	id: string,
	listenerOwner: string,
	fields: EventListenerFields,
	credentials: string | undefined,
): ListenerOptions {
	const { sourceType, sourceURI, algoOwner, algoName, algoVersion } = fields;
	const source = readSourceUri(sourceType, sourceURI, credentials, id);
	const version = algoVersion === "" ? "" : `/${algoVersion}`;
	return {
		...DEFAULTS,
		name: id,
		algorithm: `${algoOwner}/${algoName}${version}`,
		account: listenerOwner,
		source,
		timeoutSeconds: fields.algoTimeoutSeconds,
		ack: "accepted",
		results: { type: "none" },
		deadLetters:
			source.type === "kafka"
				? { type: "data", path: `data://.my/listener_${id}_dead` }
				: { type: "broker" },
	};
}

/** Whether credentials for the one may be used with the other: they go to the same server. */
export function isSameServer(
	before: EventListenerFields,
	after: EventListenerFields,
): boolean {
	const serverOf = (uri: string) => uri.match(/^[^/]*\/\/[^/?#]*/)?.[0];
	return (
		before.sourceType === after.sourceType &&
		serverOf(before.sourceURI) === serverOf(after.sourceURI)
	);
}
