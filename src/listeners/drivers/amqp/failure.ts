import { Undeliverable } from "../../sink.ts";
import { refusal } from "./refusal.ts";

/** Why a message was not taken. */
export function failure(what: string, error: unknown, body: Buffer): Error {
	const reason = refusal(what, error);
	return isUnwritable(error as Error) || isTooLarge(error as Error, body)
		? new Undeliverable(reason.message)
		: reason;
}

/** The library cannot make bytes of its headers, or more than fit into a frame. */
export const isUnwritable = (error: Error & { code?: unknown }): boolean =>
	error.code === "CODEC" ||
	error instanceof RangeError ||
	error instanceof TypeError;

/** The broker does not say which message it means, but how much it takes. */
function isTooLarge({ message }: Error, body: Buffer): boolean {
	const [, max] = /larger than configured max size (\d+)/.exec(message) ?? [];
	return max !== undefined && body.length > Number(max);
}
