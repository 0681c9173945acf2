import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { Channel, Envelope, HeaderFields } from "rabbitmq-client";
import type { HandedOn, Message } from "../../message.ts";
import type { Acks } from "./acks.ts";

/** The library's message, but with the body as it arrived (`keepBytes`). */
export interface Delivery extends HeaderFields {
	deliveryTag: number;
	redelivered: boolean;
	body: Buffer;
	/** Its `content_type`. */
	mediaType?: string;
}

export interface AmqpMessage extends Message {
	readonly delivery: Delivery;
	readonly channel: Channel;
	readonly acks: Acks;
}

export const isAmqp = (message: Message): message is AmqpMessage =>
	"delivery" in message;

/** How often a message has failed, as the servers that share its queue tell each other. */
const ATTEMPTS = "x-applyd-attempts";
/** When it is to be tried again, in milliseconds since 1970; while it waits for that. */
const DUE = "x-applyd-due";

/**
 * Headers about the way that a message took, not handed on. `CC` and `BCC` have sent their copies to other queues, and
 * would again (https://www.rabbitmq.com/docs/sender-selected); from an old `x-death` a broker may see a circle, and drop
 * the message (https://www.rabbitmq.com/docs/dlx).
 */
const OF_THE_WAY =
	/^(?:x-(?:death|(?:first|last)-death-.*|delivery-count|acquired-count|applyd-.*)|B?CC)$/;

export function messageOf(
	delivery: Delivery,
	channel: Channel,
	acks: Acks,
): AmqpMessage {
	const { headers, timestamp, correlationId, replyTo } = delivery;
	return {
		id: delivery.messageId || randomUUID(),
		body: delivery.body,
		isRedelivered: delivery.redelivered || headers?.["x-delivery-count"] > 0,
		attempts: Number(headers?.[ATTEMPTS]) || 0,
		sentAtMs: timestamp === undefined ? undefined : timestamp * 1000,
		handedOn: { headers: ownHeaders(headers), correlationId, replyTo },
		delivery,
		channel,
		acks,
	};
}

function ownHeaders(headers: Delivery["headers"]): HandedOn["headers"] {
	if (headers === undefined) return NONE;
	const all = Object.entries(headers);
	return Object.fromEntries(all.filter(([name]) => !OF_THE_WAY.test(name)));
}

const NONE = {};

/**
 * The message itself, to be sent once more. Lost are `expiration`, whose time began when it was sent first; `user_id`, which
 * a broker takes from that user only; and the exact types of headers, as the library reads them.
 * @param attempts how often it has failed now
 * @param dueMs if it is to wait
 */
export function again(
	{ id, delivery, handedOn }: AmqpMessage,
	attempts: number,
	dueMs?: number,
): Envelope {
	const { contentEncoding, priority, type, appId } = delivery;
	const { correlationId, replyTo, timestamp } = delivery;
	return {
		contentType: delivery.mediaType,
		contentEncoding,
		headers: {
			...writable(handedOn.headers),
			...(attempts > 0 && { [ATTEMPTS]: attempts }),
			...(dueMs !== undefined && { [DUE]: dueMs }),
		},
		priority,
		correlationId,
		replyTo,
		messageId: id,
		timestamp,
		type,
		appId,
	} as Envelope; // whose undefined members are not sent
}

export const dueOf = ({ headers }: Delivery): number =>
	Number(headers?.[DUE]) || 0;

/** The library cannot write bytes into headers: those that are text become text, others base64. */
export function writable(
	headers: HandedOn["headers"],
): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [
			name,
			value instanceof Uint8Array ? textOf(Buffer.from(value)) : value,
		]),
	);
}

const textOf = (bytes: Buffer) =>
	bytes.toString(isUtf8(bytes) ? "utf8" : "base64");
