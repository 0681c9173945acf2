/** One listener, as it is declared and checked (interface §7); defaults are filled in. */
export interface ListenerOptions {
	name: string;
	/** `OWNER/NAME` or `OWNER/NAME/VERSION`. */
	algorithm: string;
	/** As whom the algorithm is called, and whose `.my` is meant. */
	account: string;
	source: SourceOptions;
	/** Calls that may be open at once; a list of messages is one call. */
	concurrency: number;
	/** Bounds the run of each message. */
	timeoutSeconds: number;
	/** When a message is acknowledged: once its result is stored, or as soon as its call is accepted. */
	ack: "done" | "accepted";
	/** A message that fails so often is dead. */
	maxAttempts: number;
	/** Before the second attempt; each further wait is twice as long. */
	retryDelaySeconds: number;
	/** When the server is busy. */
	busyDelaySeconds: number;
	results: ResultsOptions;
	deadLetters: DeadLettersOptions;
}

export interface SqsOptions {
	type: "sqs";
	queueUrl: string;
	/** Absent: as the URL says, else that of `AWS_REGION`. */
	region?: string;
	/** A compatible server instead of AWS. */
	endpoint?: string;
	/** Absent: the usual `AWS_…` variables and files. Not to be had in a file; listeners made over the API have them. */
	credentials?: {
		accessKeyId: string;
		secretAccessKey: string;
		sessionToken?: string;
	};
}

/** Where an AMQP 0-9-1 broker is: `amqp://USER:PASSWORD@HOST:PORT/VHOST`, or `amqps:`. */
interface AmqpAddress {
	type: "amqp";
	url: string;
}

export interface AmqpSourceOptions extends AmqpAddress {
	queue: string;
	/** Messages that the broker gives before they are acknowledged; absent: enough for `concurrency`. */
	prefetch?: number;
}

export interface AmqpSinkOptions extends AmqpAddress {
	/** Absent: the default exchange, where the routing key is a queue's name. */
	exchange?: string;
	routingKey: string;
}

export interface KafkaAddress {
	type: "kafka";
	brokers: string[];
	topic: string;
	/** `true`: with the usual authorities; else these. PEM, as text or `file:PATH`. */
	tls?: boolean | { ca?: string; cert?: string; key?: string };
	sasl?: {
		mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
		username: string;
		password: string;
	};
}

export interface KafkaSourceOptions extends KafkaAddress {
	groupId: string;
	/** Where a group begins that has never read the topic. */
	from: "earliest" | "latest";
	/** What is run in order: the records of a key (the default; those without one in any order), of a partition, or nothing. */
	order?: "key" | "partition" | "none";
}

/** NDJSON parts in this collection. */
export interface DataSinkOptions {
	type: "data";
	path: string;
}

export interface WebhookOptions {
	type: "webhook";
	url: string;
	/** `whsec_` and base64 (Standard Webhooks). */
	secret: string;
}

export type SourceOptions = SqsOptions | AmqpSourceOptions | KafkaSourceOptions;

export type SinkOptions =
	| DataSinkOptions
	| SqsOptions
	| AmqpSinkOptions
	| KafkaAddress
	| WebhookOptions;

export type ResultsOptions = SinkOptions | { type: "none" };

/** `broker`: what the broker itself does with a rejected message. */
export type DeadLettersOptions =
	| SinkOptions
	| {
			type: "broker";
			/** AMQP: the queue behind the dead-letter exchange, for `redrive`; the broker does not tell. */
			queue?: string;
	  };
