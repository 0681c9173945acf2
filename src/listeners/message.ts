/** A message as its broker gave it. Drivers put what they need to answer for it into types of their own. */
export interface Message {
	/** The broker's own, else one that we made (interface §9, `messageId`). */
	readonly id: string;
	/** As it arrived. */
	readonly body: Buffer;
	/** Messages of one group are run one after the other, in the order in which they came; absent: in any order. */
	readonly group?: string | undefined;
	/** Whether its broker may have given it before, here or elsewhere. */
	readonly isRedelivered: boolean;
	/** How often it has failed before, as far as its broker keeps that. */
	readonly attempts: number;
	/** When it was sent, in milliseconds since 1970; absent where the broker does not say. */
	readonly sentAtMs?: number | undefined;
	readonly handedOn: HandedOn;
}

/** What goes along with the result or the dead letter of a message, to the next queue or topic (interface §9). */
export interface HandedOn {
	/** SQS message attributes, headers of AMQP and Kafka: texts, numbers, bytes, and what else AMQP knows. */
	headers: Readonly<Record<string, unknown>>;
	/** Of a Kafka record. */
	key?: Buffer | undefined;
	correlationId?: string | undefined;
	/** AMQP: the queue that waits for the answer. */
	replyTo?: string | undefined;
	/** SQS: the group of a FIFO queue. */
	groupId?: string | undefined;
}
