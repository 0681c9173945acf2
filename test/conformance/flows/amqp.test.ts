import { startAmqpFlows } from "../../support/flows/amqp.ts";
import { flowSuite } from "./suite.ts";

for (const kind of ["classic", "quorum"] as const)
	flowSuite({
		name: `AMQP, ${kind} queues`,
		messages: Number(process.env.FLOW_MESSAGES ?? 100_000),
		carriesBytes: true,
		longMs: 15_000,
		carriesLarge: true,
		start: () => startAmqpFlows(kind),
	});
