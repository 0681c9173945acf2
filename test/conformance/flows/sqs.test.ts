import { startSqsFlows } from "../../support/flows/sqs.ts";
import { flowSuite } from "./suite.ts";

flowSuite({
	name: "SQS",
	messages: Number(process.env.FLOW_MESSAGES ?? 5000),
	carriesBytes: false,
	longMs: 40_000,
	carriesLarge: false,
	start: startSqsFlows,
});
