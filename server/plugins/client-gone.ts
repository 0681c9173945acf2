import type { ServerResponse } from "node:http";
import { clientGone, type RunningCall } from "../../src/index.ts";

/**
 * Ends a call whose caller has hung up. It listens to the response: Fastify's `request.signal` aborts on
 * a POST as soon as the body has been read.
 */
export function endWhenClientGone(
	response: ServerResponse,
	call: RunningCall,
): void {
	response.on("close", () => {
		if (!response.writableFinished) call.end(clientGone());
	});
}
