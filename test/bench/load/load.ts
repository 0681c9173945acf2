import { fileURLToPath } from "node:url";
import { type Child, forkChild } from "../children.ts";
import { percentile } from "../numbers.ts";

/** What the generator is to do. */
export interface LoadPlan {
	url: string;
	/** A file with the JSON that every call sends. */
	bodyFile: string;
	/** In the `Authorization` header; absent for none. */
	key?: string;
	connections: number;
	seconds: number;
	/** Ends sooner, after so many calls. */
	calls?: number;
	/** Calls begin on a clock instead of one after the other on each connection. */
	callsPerS?: number;
}

/** What the generator saw. */
export interface LoadReport {
	seconds: number;
	latenciesMs: number[];
	/** Of one core, what the generator itself used. */
	cpuShare: number;
}

/** A load as numbers. */
export interface Load {
	calls: number;
	callsPerS: number;
	p50Ms: number;
	p99Ms: number;
	maxMs: number;
	generatorCpuShare: number;
}

/** A process that makes calls. */
export class Generator {
	readonly #child: Child;

	private constructor(child: Child) {
		this.#child = child;
	}

	static async start(): Promise<Generator> {
		const child = forkChild(
			fileURLToPath(new URL("./generator.ts", import.meta.url)),
		);
		await child.message();
		return new Generator(child);
	}

	/** @throws Error an answer was wrong or did not come */
	async run(plan: LoadPlan): Promise<Load> {
		return toLoad(await this.report(plan));
	}

	/** Each call's time. */
	async report(plan: LoadPlan): Promise<LoadReport> {
		this.#child.send(plan);
		const report = (await this.#child.message()) as
			| LoadReport
			| { error: string };
		if ("error" in report) throw new Error(`${plan.url}: ${report.error}`);
		return report;
	}

	end(): Promise<void> {
		return this.#child.end();
	}
}

function toLoad({ seconds, latenciesMs, cpuShare }: LoadReport): Load {
	const sorted = latenciesMs.toSorted((a, b) => a - b);
	return {
		calls: sorted.length,
		callsPerS: sorted.length / seconds,
		p50Ms: percentile(sorted, 0.5),
		p99Ms: percentile(sorted, 0.99),
		maxMs: percentile(sorted, 1),
		generatorCpuShare: cpuShare,
	};
}
