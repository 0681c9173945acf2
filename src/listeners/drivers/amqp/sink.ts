import type { Envelope } from "rabbitmq-client";
import type { Letter } from "../../letter.ts";
import type { AmqpSinkOptions } from "../../options.ts";
import type { Sink } from "../../sink.ts";
import { again, isAmqp, writable } from "./message.ts";
import { Publisher } from "./publisher.ts";
import { Renewed } from "./renewed.ts";

/** Connects to a broker, as a writer. @throws Error as `drivers.ts` says */
export async function openSink({
	url,
	exchange = "",
	routingKey,
}: AmqpSinkOptions): Promise<Sink> {
	const publisher = new Renewed((onEnd) =>
		new Publisher(url, onEnd).open("applyd letters"),
	);
	await publisher.get();
	const target: Envelope = { exchange, routingKey, mandatory: true };
	const put = async (letter: Letter) => {
		const sender = await publisher.get();
		await sender.send(envelopeOf(letter, target), letter.body);
	};
	return {
		put,
		answer: put,
		close: () => publisher.close(),
	};
}

function envelopeOf(
	{ id, handedOn, isResent, original }: Letter,
	target: Envelope,
): Envelope {
	if (original && isAmqp(original)) return { ...again(original, 0), ...target };
	const { headers, correlationId, replyTo } = handedOn;
	return {
		contentType: "application/json",
		messageId: id,
		headers: writable(headers),
		...(correlationId !== undefined && { correlationId }),
		...(isResent && replyTo !== undefined && { replyTo }),
		// Who asked may have gone: then nobody waits for the answer, and no queue need take it.
		...(isResent || replyTo === undefined ? target : { routingKey: replyTo }),
	};
}
