import type { ListenerHouse } from "./house.ts";
import type { ListenerOptions } from "./options.ts";
import type { Sink } from "./sink.ts";
import { openSink } from "./sinks/sinks.ts";

/** Where the results and the dead letters of a listener go. */
export class Places {
	/** Absent: nowhere. */
	readonly results: Sink | undefined;
	/** Absent: what the broker does. */
	readonly deadLetters: Sink | undefined;

	private constructor(
		results: Sink | undefined,
		deadLetters: Sink | undefined,
	) {
		this.results = results;
		this.deadLetters = deadLetters;
	}

	/** @throws Error: one of them cannot be reached, or may not be written */
	static async open(
		{ name, account, results, deadLetters }: ListenerOptions,
		{ data, callerOf }: ListenerHouse,
	): Promise<Places> {
		const context = { name, data, caller: callerOf(account) };
		const first =
			results.type === "none" ? undefined : await openSink(results, context);
		try {
			const second =
				deadLetters.type === "broker"
					? undefined
					: await openSink(deadLetters, context);
			return new Places(first, second);
		} catch (error) {
			await first?.close();
			throw error;
		}
	}

	/** Ids of messages whose letters were stored lately. */
	async *recentIds(): AsyncGenerator<string> {
		for (const sink of this.#sinks) yield* (await sink.recentIds?.()) ?? [];
	}

	async close(): Promise<void> {
		await Promise.all(this.#sinks.map((sink) => sink.close()));
	}

	get #sinks(): Sink[] {
		return [this.results, this.deadLetters].filter(
			(sink) => sink !== undefined,
		);
	}
}
