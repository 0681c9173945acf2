import type { HandedOn, Message } from "./message.ts";

/** What a sink gets: a result, or a dead letter. */
export interface Letter {
	/** Of the message that it is about. */
	id: string;
	/** JSON, without a newline. */
	body: Buffer;
	handedOn: HandedOn;
	/** A message, sent once more: who waits for its answer is not who gets it. */
	isResent?: boolean;
	/** The letter is this message itself, sent once more: also what only its driver knows of it is kept. */
	original?: Message;
}

/** Why a message failed, as dead letters say it (interface §9). */
export interface LetterError {
	message: string;
	error_type: string;
}

/**
 * `{"messageId","at","result"}` (interface §7).
 * @param result as JSON
 */
export function resultLetter(
	{ id, handedOn }: Message,
	result: Buffer,
	at = new Date(),
): Letter {
	const head = `{"messageId":${JSON.stringify(id)},"at":"${at.toISOString()}","result":`;
	return {
		id,
		body: Buffer.concat([Buffer.from(head), result, CLOSE]),
		handedOn,
	};
}

/** `{"messageId","at","error"}`: for whoever waits for the result. */
export function errorLetter(
	{ id, handedOn }: Message,
	error: LetterError,
	at = new Date(),
): Letter {
	const body = JSON.stringify({ messageId: id, at: at.toISOString(), error });
	return { id, body: Buffer.from(body), handedOn };
}

const CLOSE = Buffer.from("}");
