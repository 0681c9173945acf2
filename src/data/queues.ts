/** Work that must not overlap, one queue for each name. */
export class Queues {
	readonly #last = new Map<string, Promise<unknown>>();

	/** Does the work when all that was given before under this name has ended. */
	run<T>(name: string, work: () => Promise<T>): Promise<T> {
		const before = this.#last.get(name) ?? Promise.resolve();
		const done = before.then(work, work);
		this.#last.set(name, done);
		const forget = () => {
			if (this.#last.get(name) === done) this.#last.delete(name);
		};
		done.then(forget, forget);
		return done;
	}
}
