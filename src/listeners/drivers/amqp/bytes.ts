import type { Channel } from "rabbitmq-client";

/**
 * The library turns a body of type `application/json` or `text/plain` into a value or a text, which loses what numbers and
 * bytes were exactly. It decides by the content type that the message's header has: so that gets another name first.
 * There is no setting for it.
 */
export function keepBytes(channel: Channel): void {
	const inside = channel as unknown as Inside;
	const onHeader = inside._onHeader;
	if (typeof onHeader !== "function")
		throw new Error(
			"this version of rabbitmq-client is not known to keep bodies as they are; use 5.0.8",
		);
	inside._onHeader = (frame) => {
		const { fields } = frame;
		fields.mediaType = fields.contentType;
		fields.contentType = undefined;
		onHeader.call(channel, frame);
	};
}

interface Inside {
	_onHeader(frame: { fields: Record<string, unknown> }): void;
}
