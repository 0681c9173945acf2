import type { WebhookOptions } from "../options.ts";
import type { Sink } from "../sink.ts";

export function openWebhook(_: WebhookOptions): Sink {
	throw new Error("not built yet");
}
