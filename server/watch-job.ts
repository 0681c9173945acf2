import { setTimeout as sleep } from "node:timers/promises";
import type { JobView } from "../src/index.ts";
import { ProgressLine } from "./progress-line.ts";
import { OutOfReach, type RunningServer } from "./running-server.ts";

const RETRY_MS = 1000;
/** A server that is away for longer will hardly come back. */
const PATIENCE_MS = 600_000;

/**
 * Shows a job's progress on stderr until it has finished, and goes on when the server restarts meanwhile.
 * @returns the exit code: 0 if the job was completed
 * @throws as `RunningServer.ask`
 */
export async function watchJob(
	server: RunningServer,
	id: string,
): Promise<number> {
	const path = `/v1/jobs/${encodeURIComponent(id)}/events`;
	const line = new ProgressLine(process.stderr);
	let lastSeen: number | undefined;
	for (;;) {
		let trouble: OutOfReach | undefined;
		try {
			for await (const { event, data } of server.events(path)) {
				lastSeen = performance.now();
				const job = data as JobView;
				if (event === "finished") {
					line.finish(job);
					return job.status === "completed" ? 0 : 1;
				}
				line.show(job);
			}
		} catch (error) {
			if (!(error instanceof OutOfReach)) throw error;
			trouble = error;
		}
		const isLost =
			lastSeen === undefined || performance.now() - lastSeen > PATIENCE_MS;
		if (isLost && trouble) throw trouble;
		line.note("the server is away; trying again until it is back");
		await sleep(RETRY_MS);
	}
}
