import type { Caller } from "../../accounts/caller.ts";
import type { Data } from "../../data/data.ts";
import { openBrokerSink } from "../drivers/drivers.ts";
import type { SinkOptions } from "../options.ts";
import type { Sink } from "../sink.ts";
import { openDataSink } from "./data.ts";
import { openWebhook } from "./webhook.ts";

/** @throws Error: it cannot be reached, or may not be written */
export async function openSink(
	options: SinkOptions,
	context: { name: string; data: Data; caller: Caller },
): Promise<Sink> {
	switch (options.type) {
		case "data":
			return openDataSink(options, context);
		case "webhook":
			return openWebhook(options);
		default:
			return openBrokerSink(options);
	}
}
