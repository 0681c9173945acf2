import { Counter, Gauge, type Metric, Registry } from "prom-client";
import type { CallEvent, Events } from "./events.ts";

/** What the numbers are of. */
interface Measured {
	readonly events: Events;
	readonly openCalls: number;
	/** The versions that have workers or waiting calls, and who runs them. */
	readonly active: ReadonlyMap<{ ref: string }, MeasuredRunner>;
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

/** Different outcomes of one version that are counted apart. */
const MAX_OUTCOMES = 50;

/** What is counted of one version's calls: plain numbers, since prom-client's labels cost more than a short call. */
class CallNumbers {
	readonly outcomes = new Map<string, number>();
	readonly buckets = new Array<number>(SECONDS.length + 1).fill(0);
	sumSeconds = 0;
	bytesIn = 0;
	bytesOut = 0;

	add({ outcome, totalMs, bytesIn, bytesOut }: CallEvent): void {
		// Authors name their error types: without a bound, a new name a call would be a new series a call.
		const isKnown =
			this.outcomes.has(outcome) || this.outcomes.size < MAX_OUTCOMES;
		const label = isKnown ? outcome : "other";
		this.outcomes.set(label, (this.outcomes.get(label) ?? 0) + 1);
		const seconds = totalMs / 1000;
		let bucket = 0;
		while (bucket < SECONDS.length && seconds > (SECONDS[bucket] as number))
			bucket++;
		this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
		this.sumSeconds += seconds;
		this.bytesIn += bytesIn;
		this.bytesOut += bytesOut;
	}
}

/** Numbers for Prometheus, from what the engine tells and from what it is when asked. */
export class Metrics {
	readonly #registry = new Registry();
	readonly #calls = new Map<string, CallNumbers>();

	constructor(engine: Measured) {
		engine.events.on("call", (call) =>
			this.#numbersOf(call.algorithm).add(call),
		);
		const kills = new Counter({
			name: "applyd_kills_total",
			help: "Workers that were ended, or ended themselves, by cause",
			labelNames: ["algorithm", "cause"],
			registers: [this.#registry],
		});
		const refusals = new Counter({
			name: "applyd_refusals_total",
			help: "Requests that never became a call, by the code of the error",
			labelNames: ["code"],
			registers: [this.#registry],
		});
		engine.events.on("refusal", ({ code }) => refusals.inc({ code }));
		engine.events.on("kill", ({ algorithm, cause }) =>
			kills.inc({ algorithm, cause }),
		);
		this.#counters();
		this.#durations();
		this.#gauges(engine);
	}

	get contentType(): string {
		return this.#registry.contentType;
	}

	/** The numbers in Prometheus's text format. */
	render(): Promise<string> {
		return this.#registry.metrics();
	}

	#numbersOf(algorithm: string): CallNumbers {
		const numbers = this.#calls.get(algorithm) ?? new CallNumbers();
		this.#calls.set(algorithm, numbers);
		return numbers;
	}

	#counters(): void {
		const calls = this.#calls;
		new Counter({
			name: "applyd_calls_total",
			help: "Calls by algorithm and outcome: ok, an error_type, or why it was refused",
			labelNames: ["algorithm", "outcome"],
			registers: [this.#registry],
			collect() {
				this.reset();
				for (const [algorithm, { outcomes }] of calls)
					for (const [outcome, count] of outcomes)
						this.inc({ algorithm, outcome }, count);
			},
		});
		new Counter({
			name: "applyd_payload_bytes_total",
			help: "Bytes of inputs and results",
			labelNames: ["algorithm", "direction"],
			registers: [this.#registry],
			collect() {
				this.reset();
				for (const [algorithm, { bytesIn, bytesOut }] of calls) {
					this.inc({ algorithm, direction: "in" }, bytesIn);
					this.inc({ algorithm, direction: "out" }, bytesOut);
				}
			},
		});
	}

	#durations(): void {
		const name = "applyd_call_duration_seconds";
		const values = () =>
			[...this.#calls].flatMap(([algorithm, numbers]) =>
				histogramValues(name, algorithm, numbers),
			);
		const metric = {
			name,
			help: "From admission to outcome, waiting included",
			type: "histogram",
			get: async () => ({ ...metric, values: values() }),
		};
		// prom-client's own histogram can only observe; the registry takes whatever can be got.
		this.#registry.registerMetric(metric as unknown as Metric);
	}

	#gauges(engine: Measured): void {
		const gauge = (
			name: string,
			help: string,
			labelNames: string[],
			read: (gauge: Gauge) => void,
		) => {
			const collect = function (this: Gauge): void {
				this.reset();
				read(this);
			};
			new Gauge({
				name,
				help,
				labelNames,
				registers: [this.#registry],
				collect,
			});
		};
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

function histogramValues(
	name: string,
	algorithm: string,
	{ buckets, sumSeconds }: CallNumbers,
) {
	let count = 0;
	const values = buckets.map((inBucket, i) => {
		count += inBucket;
		return {
			metricName: `${name}_bucket`,
			labels: { algorithm, le: SECONDS[i] ?? "+Inf" },
			value: count,
		};
	});
	return [
		...values,
		{ metricName: `${name}_sum`, labels: { algorithm }, value: sumSeconds },
		{ metricName: `${name}_count`, labels: { algorithm }, value: count },
	];
}
