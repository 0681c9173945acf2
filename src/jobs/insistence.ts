import { AlgoError, type ErrorCode } from "../errors.ts";
import { pause } from "../pause.ts";

/** What a full disk, a locked store or a lost network keeps from going on is tried again after this. */
const AGAIN_MS = 2000;

/** To try again cannot help. */
const FINAL: readonly ErrorCode[] = [
	"PATH_NOT_FOUND",
	"BAD_REQUEST",
	"FORBIDDEN",
	"NOT_IMPLEMENTED",
];

/** Goes on trying, and says why nothing goes on meanwhile. */
export class Insistence {
	readonly #reasons = new Map<object, string>();
	readonly #onChange: (reason: string | undefined) => void;
	readonly #ended = new AbortController();

	/** @param onChange told why something does not go on, and `undefined` when all does */
	constructor(onChange: (reason: string | undefined) => void) {
		this.#onChange = onChange;
	}

	/** Of several reasons the first. */
	get reason(): string | undefined {
		const [first] = this.#reasons.values();
		return first;
	}

	/** @throws what work throws if that is final, or after `end` */
	async on<T>(work: () => Promise<T>): Promise<T> {
		for (;;) {
			try {
				const result = await work();
				this.release(work);
				return result;
			} catch (error) {
				const isFinal =
					error instanceof AlgoError && FINAL.includes(error.code);
				if (isFinal || this.#ended.signal.aborted) {
					this.release(work);
					throw error;
				}
				this.hold(work, (error as Error).message);
				await pause(AGAIN_MS, this.#ended.signal);
			}
		}
	}

	/** @param what cannot go on */
	hold(what: object, reason: string): void {
		this.#change(() => this.#reasons.set(what, reason));
	}

	release(what: object): void {
		this.#change(() => this.#reasons.delete(what));
	}

	/** What is tried now is tried once more at most. */
	end(): void {
		this.#ended.abort();
	}

	#change(work: () => void): void {
		const before = this.reason;
		work();
		if (this.reason !== before) this.#onChange(this.reason);
	}
}
