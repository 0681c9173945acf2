import type {
	SinkOptions,
	SourceOptions,
} from "../../../src/listeners/options.ts";
import type { Broker } from "../brokers/broker.ts";
import type { Cut } from "../brokers/cut.ts";

/** A kind of broker, as the suite needs it. */
export interface FlowBroker {
	broker: Broker;
	/** What sources are led through. */
	cut: Cut;
	/** A queue or topic that is empty, with no place of its own for rejected messages. */
	open(): Promise<Flow>;
	close(): Promise<void>;
}

export interface Flow {
	/** As a listeners file has it, through the cut. */
	source: SourceOptions;
	/** The same past the cut; but clients of Kafka go to the address that the broker tells them, which is the cut's. */
	direct: SourceOptions;
	/** The same as a place for results or dead letters. */
	sink: SinkOptions;
	/** Resolves when the broker has them. Bypasses the cut. */
	send(bodies: readonly (string | Buffer)[]): Promise<void>;
	/** How many messages the broker has that are not done; of those that somebody holds not all brokers tell. */
	left(): Promise<number>;
	close(): Promise<void>;
}
