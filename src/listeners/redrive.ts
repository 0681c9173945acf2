import { AlgoError } from "../errors.ts";
import { openBrokerSink, openSource } from "./drivers/drivers.ts";
import type { ListenerHouse } from "./house.ts";
import type { Letter } from "./letter.ts";
import type { Message } from "./message.ts";
import type { ListenerOptions, SinkOptions, SourceOptions } from "./options.ts";
import type { Sink } from "./sink.ts";
import { takeLetters } from "./sinks/data-letters.ts";
import { type DeadLetter, readDeadLetter } from "./sinks/dead-letter.ts";

/** To come to the first message may take a consumer group this long; */
const FIRST_WAIT_MS = 10_000;
/** when none has come for so long there are no more. */
const WAIT_MS = 2000;

/**
 * Sends the dead letters of a listener back to where they came from: each body as it arrived, with its attributes, as a
 * message that has never failed. One that cannot be sent stays where it is.
 * @param onSend one is about to be sent, with this id
 * @returns how many were sent back
 * @throws AlgoError NOT_IMPLEMENTED naming why they cannot be had; Error: a broker cannot be reached
 */
export async function redrive(
	options: ListenerOptions,
	house: ListenerHouse,
	onSend: (id: string) => void,
): Promise<number> {
	const { source, deadLetters: from } = options;
	if (from.type === "broker" && source.type === "sqs")
		return (await import("./drivers/sqs/redrive.ts")).moveBack(
			source,
			() => {},
		);
	const place = placeOf(options);
	const sink = await openBrokerSink(sinkOf(source));
	const onFault = (error: string) =>
		house.events.emit("fault", { where: `redrive of ${options.name}`, error });
	const way = { sink, onSend, onFault };
	try {
		return from.type === "data"
			? await fromData(from.path, options, house, way)
			: await fromBroker(place as SourceOptions, options, way);
	} finally {
		await sink.close();
	}
}

/** The queue or topic that dead letters are read from. @returns nothing if they are in a folder */
function placeOf({
	name,
	source,
	deadLetters: from,
}: ListenerOptions): SourceOptions | undefined {
	const refuse = (why: string): never => {
		throw new AlgoError("NOT_IMPLEMENTED", `listener ${name}: ${why}`);
	};
	switch (from.type) {
		case "data":
			return undefined;
		case "webhook":
			return refuse(
				"dead letters that went to a webhook cannot be fetched back",
			);
		case "broker":
			if (source.type !== "amqp" || from.queue === undefined)
				return refuse(
					'where the broker keeps its dead letters is not known; name that queue with "deadLetters": {"type": "broker", "queue": "…"}',
				);
			return { type: "amqp", url: source.url, queue: from.queue };
		case "sqs":
			return from;
		case "amqp":
			if (from.exchange)
				return refuse(
					`which queue gets the dead letters of exchange ${from.exchange} is not known; move them to "${name}" with the broker's own tools`,
				);
			return { type: "amqp", url: from.url, queue: from.routingKey };
		case "kafka":
			return { ...from, groupId: `applyd-redrive-${name}`, from: "earliest" };
	}
}

/** A listener's source, as something that is written to. */
function sinkOf(
	source: SourceOptions,
): Exclude<SinkOptions, { type: "data" | "webhook" }> {
	if (source.type !== "amqp") return source;
	return { type: "amqp", url: source.url, routingKey: source.queue };
}

/** Where letters are sent, and who is told. */
interface Way {
	sink: Sink;
	onSend(id: string): void;
	/** Told of what is no dead letter. */
	onFault(fault: string): void;
}

const ALL = Number.POSITIVE_INFINITY;

async function fromData(
	path: string,
	{ account }: ListenerOptions,
	{ data, callerOf }: ListenerHouse,
	{ sink, onSend, onFault }: Way,
): Promise<number> {
	let count = 0;
	const access = { data, caller: callerOf(account) };
	for await (const { lines, faults, done } of takeLetters(path, access)) {
		for (const fault of faults) onFault(fault);
		for (const { messageId } of lines) onSend(messageId);
		const sent = await Promise.allSettled(
			lines.map((line) => sink.put(letterOf(line))),
		);
		const kept = lines.filter((_, i) => sent[i]?.status === "rejected");
		await done(kept);
		count += lines.length - kept.length;
		const failure = sent.find(({ status }) => status === "rejected");
		if (failure?.status === "rejected") throw failure.reason;
	}
	return count;
}

async function fromBroker(
	place: SourceOptions,
	{ name, deadLetters }: ListenerOptions,
	{ sink, onSend, onFault }: Way,
): Promise<number> {
	const source = await openSource(place, {
		name: `${name}-redrive`,
		concurrency: 100,
		takesLists: true,
		willRetry: false,
		lost() {},
	});
	const isOriginal = deadLetters.type === "broker";
	const began = new Date().toISOString();
	let count = 0;
	try {
		// Where the letters do not tell when they were written, those that were there at the beginning are all.
		const max = isOriginal ? ((await source.lag()) ?? 0) : ALL;
		for (let waitMs = FIRST_WAIT_MS; count < max; waitMs = WAIT_MS) {
			const messages = await source.receive(
				Math.min(source.maxReceive, max - count),
				AbortSignal.timeout(waitMs),
			);
			if (messages.length === 0) break;
			await Promise.all(
				messages.map(async (message) => {
					const letter = isOriginal
						? asItIs(message)
						: letterIn(message, began, onFault);
					if (!letter) return; // it stays
					onSend(letter.id);
					await sink.put(letter);
					await source.ack(message);
					count++;
				}),
			);
		}
		return count;
	} finally {
		await source.close();
	}
}

const letterOf = ({ messageId, body, handedOn }: DeadLetter): Letter => ({
	id: messageId,
	body,
	handedOn,
	isResent: true,
});

const asItIs = (original: Message): Letter => ({
	id: original.id,
	body: original.body,
	handedOn: original.handedOn,
	isResent: true,
	original,
});

/** @returns nothing for one that was written later, or is no letter */
function letterIn(
	{ id, body }: Message,
	before: string,
	onFault: (fault: string) => void,
): Letter | undefined {
	try {
		const dead = readDeadLetter(body.toString());
		return dead.at < before ? letterOf(dead) : undefined;
	} catch (error) {
		onFault(`message ${id} is no dead letter: ${(error as Error).message}`);
		return undefined;
	}
}
