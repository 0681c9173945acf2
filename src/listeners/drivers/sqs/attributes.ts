import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { HandedOn } from "../../message.ts";

export type Attributes = Record<string, MessageAttributeValue>;

/** A message has no more. */
export const MAX_ATTRIBUTES = 10;
/** Of what we add to dead letters. */
const OURS = "applyd-";
const CORRELATION_IDS = ["correlationId", "CorrelationId"];

/** What a message's attributes are to the next queue or topic. */
export function handedOnFrom(
	attributes: Attributes,
	groupId: string | undefined,
): HandedOn {
	const headers = Object.fromEntries(
		Object.entries(attributes).map(([name, value]) => [name, read(value)]),
	);
	const [correlationId] = CORRELATION_IDS.map((name) => headers[name]).filter(
		(value) => value !== undefined,
	);
	return {
		headers,
		...(correlationId !== undefined && { correlationId: `${correlationId}` }),
		...(groupId !== undefined && { groupId }),
	};
}

/** A number stays text where JavaScript would write it differently. */
function read({
	DataType = "",
	StringValue = "",
	BinaryValue,
}: MessageAttributeValue) {
	if (BinaryValue) return Buffer.from(BinaryValue);
	const number = Number(StringValue);
	const isSame = /^Number\b/.test(DataType) && String(number) === StringValue;
	return isSame ? number : StringValue;
}

/** As many as a message has room for; those with a name or value that SQS does not take are left out. */
export function attributesFrom({
	headers,
	correlationId,
}: HandedOn): Attributes {
	const hasId = CORRELATION_IDS.some((name) => name in headers);
	const all = Object.entries({
		...(!hasId && { correlationId }),
		...headers,
	}).flatMap(([name, value]) => {
		const attribute = NAME.test(name) && attributeOf(value);
		return attribute ? [[name, attribute] as const] : [];
	});
	return Object.fromEntries(all.slice(0, MAX_ATTRIBUTES));
}

const NAME =
	/^(?!aws\.|amazon\.|applyd-)(?!.*\.\.)(?!\.)[\w.-]{1,256}(?<!\.)$/i;

/** @returns undefined: SQS knows no empty values */
export function attributeOf(value: unknown): MessageAttributeValue | undefined {
	if (value === undefined || value === null) return undefined;
	if (value instanceof Uint8Array)
		return value.length > 0
			? { DataType: "Binary", BinaryValue: value }
			: undefined;
	const DataType = isNumber(value) ? "Number" : "String";
	const isText = typeof value !== "object" && typeof value !== "boolean";
	const StringValue = allowed(isText ? String(value) : json(value));
	return StringValue === "" ? undefined : { DataType, StringValue };
}

/** AMQP has integers that JSON does not know. */
const json = (value: unknown) =>
	JSON.stringify(value, (_, part) =>
		typeof part === "bigint" ? String(part) : part,
	);

/** SQS knows those from 10^-128 to 10^126. */
function isNumber(value: unknown): boolean {
	if (typeof value !== "number") return false;
	const size = Math.abs(value);
	return size === 0 || (size >= 1e-128 && size <= 1e126);
}

/** SQS takes the characters of XML 1.0 only. */
export const allowed = (text: string): string =>
	text
		.toWellFormed()
		.replace(/[^\t\n\r\x20-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");

export const withoutOurs = (attributes: Attributes): Attributes =>
	Object.fromEntries(
		Object.entries(attributes).filter(([name]) => !name.startsWith(OURS)),
	);

/** As SQS counts a message. */
export function bytesOf(body: string, attributes: Attributes): number {
	let bytes = Buffer.byteLength(body);
	for (const [name, value] of Object.entries(attributes)) {
		const { DataType = "", StringValue = "", BinaryValue } = value;
		bytes += Buffer.byteLength(name + DataType + StringValue);
		bytes += BinaryValue?.length ?? 0;
	}
	return bytes;
}
