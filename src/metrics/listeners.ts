import type { Counter, Gauge } from "prom-client";
import type { Register } from "./register.ts";

/** What the numbers of a listener are of. */
export interface MeasuredListener {
	readonly name: string;
	readonly status: string;
	readonly inFlight: number;
	readonly succeeded: number;
	readonly failed: number;
	readonly retried: number;
	readonly dead: number;
	readonly lag?: number;
	readonly oldestSeconds?: number;
}

/** @param views the listeners as they were when the scrape began */
export function registerListeners(
	counter: Register<Counter>,
	gauge: Register<Gauge>,
	views: () => readonly MeasuredListener[],
): void {
	counter(
		"applyd_listener_messages_total",
		"Messages that a listener is done with, by what became of them: succeeded, dead",
		["listener", "outcome"],
		(it) => {
			for (const { name: listener, succeeded, dead } of views()) {
				it.inc({ listener, outcome: "succeeded" }, succeeded);
				it.inc({ listener, outcome: "dead" }, dead);
			}
		},
	);
	const countEach = (
		name: string,
		help: string,
		count: (listener: MeasuredListener) => number,
	) =>
		counter(name, help, ["listener"], (it) => {
			for (const view of views()) it.inc({ listener: view.name }, count(view));
		});
	const gaugeEach = (
		name: string,
		help: string,
		read: (listener: MeasuredListener) => number | undefined,
	) =>
		gauge(name, help, ["listener"], (it) => {
			for (const view of views()) {
				const value = read(view);
				if (value !== undefined) it.set({ listener: view.name }, value);
			}
		});
	countEach(
		"applyd_listener_failed_attempts_total",
		"Attempts at messages that have failed",
		({ failed }) => failed,
	);
	countEach(
		"applyd_listener_retries_total",
		"Failed attempts that are followed by another one",
		({ retried }) => retried,
	);
	gaugeEach(
		"applyd_listener_up",
		"1 while a listener runs, 0 while it is paused or failing",
		({ status }) => Number(status === "running"),
	);
	gaugeEach(
		"applyd_listener_in_flight",
		"Messages that a listener has and is not done with",
		({ inFlight }) => inFlight,
	);
	gaugeEach(
		"applyd_listener_lag",
		"Messages that wait at the broker, about",
		({ lag }) => lag,
	);
	gaugeEach(
		"applyd_listener_oldest_seconds",
		"Age of the oldest message that a listener has, since it was sent; 0 while it has none",
		({ oldestSeconds, inFlight }) =>
			oldestSeconds ?? (inFlight === 0 ? 0 : undefined),
	);
}
