import { type DestinationStream, type Logger, pino } from "pino";
import type { Events } from "./events.ts";

export type { Logger };

/**
 * One JSON line an event on stdout; lines for people where stdout is a terminal.
 * @param destination for tests; absent for stdout
 */
export async function createLogger(
	level: string,
	destination?: DestinationStream,
): Promise<Logger> {
	const options = {
		level,
		base: null,
		timestamp: isoTime,
		formatters: { level: (label: string) => ({ level: label }) },
	};
	if (destination) return pino(options, destination);
	if (process.stdout.isTTY) {
		const { default: pretty } = await import("pino-pretty");
		return pino(
			options,
			pretty({
				colorize: true,
				translateTime: "HH:MM:ss.l",
				singleLine: true,
				sync: true,
			}),
		);
	}
	return pino(options, inBatches({ fd: 1, sync: false, minLength: 0 }));
}

/** Lines of a few milliseconds leave in one write: measuring and handing over each one costs more than writing it. */
const BATCH_MS = 10;

function inBatches(
	options: Parameters<typeof pino.destination>[0],
): DestinationStream {
	let lines = "";
	const flush = () => {
		if (lines !== "") destination.write(lines);
		lines = "";
	};
	process.on("exit", flush); // before that of the destination, which writes out what it has
	const destination = pino.destination(options);
	return {
		write(line) {
			if (lines === "") setTimeout(flush, BATCH_MS);
			lines += line;
		},
	};
}

/** Writes what the engine tells: a line a call, a line for each thing that went wrong. */
export function logEvents(events: Events, log: Logger): void {
	events.on("call", (call) => {
		// Field by field: a spread costs as much as the rest of the line.
		log.info(
			{
				algorithm: call.algorithm,
				requestId: call.requestId,
				account: call.account,
				parentId: call.parentId,
				outcome: call.outcome,
				totalMs: round(call.totalMs),
				runMs: round(call.runMs),
				bytesIn: call.bytesIn,
				bytesOut: call.bytesOut,
			},
			"call",
		);
	});
	events.on("refusal", (refusal) => log.info(refusal, "refused"));
	events.on("kill", (kill) => log.warn(kill, "worker killed"));
	events.on("stray", (stray) => log.warn(stray, "uncaught in an algorithm"));
	events.on("output", (output) => log.debug(output, "output"));
	events.on("worker", (worker) => log.debug(worker, "worker"));
	events.on("job", (job) =>
		job.change === "paused" || job.change === "failed"
			? log.warn(job, "job")
			: log.info(job, "job"),
	);
	events.on("message", (message) => {
		log.info(
			{
				listener: message.listener,
				messageId: message.messageId,
				requestId: message.requestId,
				outcome: message.outcome,
				attempts: message.attempts,
				error: message.error,
				totalMs: round(message.totalMs),
			},
			"message",
		);
	});
	events.on("listener", (listener) =>
		listener.change === "failing"
			? log.warn(listener, "listener")
			: log.info(listener, "listener"),
	);
	events.on("fault", ({ where, error }) =>
		log.error({ err: error, where }, "fault"),
	);
	events.on("containment", ({ up, missing }) => {
		const isWhole = Object.keys(missing).length === 0;
		if (isWhole) log.info({ up }, "containment");
		else log.warn({ up, missing }, "containment");
	});
	events.on("algorithm", ({ change, ...rest }) =>
		change === "broken"
			? log.error(rest, "algorithm broken")
			: log.info(rest, `algorithm ${change}`),
	);
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

let timeMs = 0;
let timeText = "";

/** Many lines share a millisecond, and its text is the dearest part of a line. */
function isoTime(): string {
	const now = Date.now();
	if (now !== timeMs) {
		timeMs = now;
		timeText = `,"time":"${new Date(now).toISOString()}"`;
	}
	return timeText;
}
