import type {
	CounterConfiguration,
	Counter as CounterType,
	Gauge as GaugeType,
	Metric,
	Registry,
} from "prom-client";
import type { CallEvent, Events } from "../events.ts";
import { Histogram } from "../histogram.ts";
import { type MeasuredListener, registerListeners } from "./listeners.ts";
import type { Register } from "./register.ts";

/** What the numbers are of. */
interface Measured {
	readonly events: Events;
	readonly openCalls: number;
	/** The versions that have workers or waiting calls, and who runs them. */
	readonly active: ReadonlyMap<{ ref: string }, MeasuredRunner>;
	readonly listeners?: { views(): Promise<MeasuredListener[]> } | undefined;
}

interface MeasuredRunner {
	readonly waiting: number;
	countLanes(state: "starting" | "idle" | "busy"): number;
}

/** Upper bounds of the duration histogram. */
const SECONDS = [
	0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
	10, 30, 60, 300, 3000,
];

/** And of that of batches. */
const BATCH_ITEMS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 65_535];

/** Different outcomes of one version that are counted apart. */
const MAX_OUTCOMES = 50;

/** What is counted of one version's calls. */
class CallNumbers {
	readonly outcomes = new Map<string, number>();
	readonly durations = new Histogram(SECONDS);
	bytesIn = 0;
	bytesOut = 0;

	add({ outcome, totalMs, bytesIn, bytesOut }: CallEvent): void {
		// Authors name their error types: without a bound, a new name a call would be a new series a call.
		const isKnown =
			this.outcomes.has(outcome) || this.outcomes.size < MAX_OUTCOMES;
		const label = isKnown ? outcome : "other";
		this.outcomes.set(label, (this.outcomes.get(label) ?? 0) + 1);
		this.durations.add(totalMs / 1000);
		this.bytesIn += bytesIn;
		this.bytesOut += bytesOut;
	}
}

/** What is counted of one version's batches. */
class BatchNumbers {
	readonly items = new Histogram(BATCH_ITEMS);
	readonly released = new Tally();
}

/** How often each of a few things happened. */
class Tally {
	readonly counts = new Map<string, number>();

	add(key: string, times = 1): void {
		this.counts.set(key, (this.counts.get(key) ?? 0) + times);
	}
}

/** Numbers for Prometheus, from what the engine tells and from what it is when asked. */
export class Metrics {
	readonly #engine: Measured;
	readonly #calls = new Map<string, CallNumbers>();
	readonly #kills = new Map<string, Tally>();
	readonly #refusals = new Tally();
	readonly #items = new Map<string, Tally>();
	readonly #batches = new Map<string, BatchNumbers>();
	#registry: Promise<Registry> | undefined;
	/** As they were at the last scrape. */
	#listeners: MeasuredListener[] = [];

	constructor(engine: Measured) {
		this.#engine = engine;
		const { events } = engine;
		events.on("call", (call) =>
			entryOf(this.#calls, call.algorithm, CallNumbers).add(call),
		);
		events.on("kill", ({ algorithm, cause }) =>
			entryOf(this.#kills, algorithm, Tally).add(cause),
		);
		events.on("items", ({ algorithm, succeeded, failed }) => {
			const tally = entryOf(this.#items, algorithm, Tally);
			tally.add("ok", succeeded);
			tally.add("failed", failed);
		});
		events.on("batch", ({ algorithm, items, released }) => {
			const numbers = entryOf(this.#batches, algorithm, BatchNumbers);
			numbers.items.add(items);
			numbers.released.add(released);
		});
		events.on("refusal", ({ code }) => this.#refusals.add(code));
	}

	/** The numbers in Prometheus's text format, and its name. */
	async render(): Promise<{ contentType: string; text: string }> {
		this.#registry ??= this.#register();
		const registry = await this.#registry;
		this.#listeners = (await this.#engine.listeners?.views()) ?? [];
		return {
			contentType: registry.contentType,
			text: await registry.metrics(),
		};
	}

	/** prom-client is loaded with the first scrape: it takes 35 ms and 9 MB that not every server needs. */
	async #register(): Promise<Registry> {
		const { Counter, Gauge, Registry } = await import("prom-client");
		const registry = new Registry();
		const registers = [registry];
		const registerAs =
			<T extends CounterType | GaugeType>(
				Kind: new (
					options: Omit<CounterConfiguration<string>, "collect"> & {
						collect(this: T): void;
					},
				) => T,
			): Register<T> =>
			(name, help, labelNames, read) => {
				const collect = function (this: T): void {
					this.reset();
					read(this);
				};
				new Kind({ name, help, labelNames, registers, collect });
			};
		this.#registerCounters(registerAs(Counter));
		this.#registerGauges(registerAs(Gauge));
		registerListeners(
			registerAs(Counter),
			registerAs(Gauge),
			() => this.#listeners,
		);
		registry.registerMetric(
			histogram(
				"applyd_call_duration_seconds",
				"From admission to outcome, waiting included",
				() => [...this.#calls].map(([ref, { durations }]) => [ref, durations]),
			),
		);
		registry.registerMetric(
			histogram(
				"applyd_batch_items",
				"Single calls that applyBatch got together",
				() => [...this.#batches].map(([ref, { items }]) => [ref, items]),
			),
		);
		return registry;
	}

	#registerCounters(counter: Register<CounterType>): void {
		counter(
			"applyd_calls_total",
			"Calls by algorithm and outcome: ok, an error_type, or why it was refused",
			["algorithm", "outcome"],
			(it) => {
				for (const [algorithm, { outcomes }] of this.#calls)
					for (const [outcome, count] of outcomes)
						it.inc({ algorithm, outcome }, count);
			},
		);
		counter(
			"applyd_items_total",
			"Items of lists, streams and jobs by algorithm and outcome: ok, failed",
			["algorithm", "outcome"],
			(it) => {
				for (const [algorithm, { counts }] of this.#items)
					for (const [outcome, count] of counts)
						it.inc({ algorithm, outcome }, count);
			},
		);
		counter(
			"applyd_batches_total",
			"Batches of single calls by algorithm and why each was released to a worker: full; waited: for maxWaitMs; idle: a worker was free and nothing else seemed to come; busy: it had gathered while no worker was free",
			["algorithm", "released"],
			(it) => {
				for (const [algorithm, { released }] of this.#batches)
					for (const [why, count] of released.counts)
						it.inc({ algorithm, released: why }, count);
			},
		);
		counter(
			"applyd_payload_bytes_total",
			"Bytes of inputs and results",
			["algorithm", "direction"],
			(it) => {
				for (const [algorithm, { bytesIn, bytesOut }] of this.#calls) {
					it.inc({ algorithm, direction: "in" }, bytesIn);
					it.inc({ algorithm, direction: "out" }, bytesOut);
				}
			},
		);
		counter(
			"applyd_kills_total",
			"Workers that were ended, or ended themselves, by cause",
			["algorithm", "cause"],
			(it) => {
				for (const [algorithm, { counts }] of this.#kills)
					for (const [cause, count] of counts)
						it.inc({ algorithm, cause }, count);
			},
		);
		counter(
			"applyd_refusals_total",
			"Requests that never became a call, by the code of the error",
			["code"],
			(it) => {
				for (const [code, count] of this.#refusals.counts)
					it.inc({ code }, count);
			},
		);
	}

	#registerGauges(gauge: Register<GaugeType>): void {
		const engine = this.#engine;
		gauge("applyd_open_calls", "Calls that have no outcome yet", [], (it) =>
			it.set(engine.openCalls),
		);
		gauge(
			"applyd_queue_length",
			"Calls that wait for a worker",
			["algorithm"],
			(it) => {
				for (const [version, runner] of engine.active)
					it.set({ algorithm: version.ref }, runner.waiting);
			},
		);
		gauge(
			"applyd_workers",
			"Workers by state",
			["algorithm", "state"],
			(it) => {
				for (const [version, runner] of engine.active) {
					for (const state of ["starting", "idle", "busy"] as const)
						it.set({ algorithm: version.ref, state }, runner.countLanes(state));
				}
			},
		);
		gauge(
			"process_resident_memory_bytes",
			"The server's own memory, without its worker processes",
			[],
			(it) => it.set(process.memoryUsage.rss()),
		);
	}
}

function entryOf<T>(map: Map<string, T>, key: string, kind: new () => T): T {
	const value = map.get(key) ?? new kind();
	map.set(key, value);
	return value;
}

/** prom-client's own histogram can only observe; its registry takes whatever can be got. */
function histogram(
	name: string,
	help: string,
	read: () => [string, Histogram][],
): Metric {
	const values = () =>
		read().flatMap(([algorithm, it]) => it.values(name, { algorithm }));
	const metric = {
		name,
		help,
		type: "histogram",
		get: async () => ({ ...metric, values: values() }),
	};
	return metric as unknown as Metric;
}
