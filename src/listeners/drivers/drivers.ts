import type {
	AmqpSinkOptions,
	KafkaAddress,
	SourceOptions,
	SqsOptions,
} from "../options.ts";
import type { Sink } from "../sink.ts";
import type { Source, SourceContext } from "../source.ts";

/**
 * Connects to a broker, as a reader. A driver's SDK is loaded by the first that needs it.
 * @throws Error: the SDK is not installed, the broker cannot be reached or refuses, the queue is not there
 */
export async function openSource(
	options: SourceOptions,
	context: SourceContext,
): Promise<Source> {
	switch (options.type) {
		case "sqs":
			return (await import("./sqs/source.ts")).openSource(options, context);
		case "amqp":
			return (await import("./amqp/source.ts")).openSource(options, context);
		case "kafka":
			return (await import("./kafka/source.ts")).openSource(options, context);
	}
}

/** Connects to a broker, as a writer. @throws Error as `openSource` */
export async function openBrokerSink(
	options: SqsOptions | AmqpSinkOptions | KafkaAddress,
): Promise<Sink> {
	switch (options.type) {
		case "sqs":
			return (await import("./sqs/sink.ts")).openSink(options);
		case "amqp":
			return (await import("./amqp/sink.ts")).openSink(options);
		case "kafka":
			return (await import("./kafka/sink.ts")).openSink(options);
	}
}
