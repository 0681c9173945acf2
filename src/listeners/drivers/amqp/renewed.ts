/** What lives on a connection: opened when it is first needed, and again after it has ended. */
export class Renewed<T extends { close(): Promise<void> }> {
	readonly #open: (onEnd: () => void) => Promise<T>;
	#current: Promise<T> | undefined;
	#isClosed = false;

	constructor(open: (onEnd: () => void) => Promise<T>) {
		this.#open = open;
	}

	/** Undefined where none is open, nor being opened. */
	get current(): Promise<T> | undefined {
		return this.#current;
	}

	async get(): Promise<T> {
		if (this.#current) return this.#current;
		if (this.#isClosed) throw new Error("it is closed");
		const forget = () => {
			if (this.#current === opened) this.#current = undefined;
		};
		const opened = this.#open(forget);
		opened.catch(forget);
		this.#current = opened;
		return opened;
	}

	/** For good. */
	async close(): Promise<void> {
		this.#isClosed = true;
		const current = await this.#current?.catch(() => undefined);
		await current?.close();
	}
}
