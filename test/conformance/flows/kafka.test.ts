import { startKafkaFlows } from "../../support/flows/kafka.ts";
import { flowSuite } from "./suite.ts";

flowSuite({
	name: "Kafka",
	messages: Number(process.env.FLOW_MESSAGES ?? 100_000),
	carriesBytes: true,
	longMs: 20_000,
	carriesLarge: false,
	start: startKafkaFlows,
});
