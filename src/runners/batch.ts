import type { Call } from "./call.ts";

/** Calls that a worker was given to be run together: they start together, in one `applyBatch`. */
export class Batch {
	readonly calls: readonly Call[];

	constructor(calls: readonly Call[]) {
		this.calls = calls;
	}

	get size(): number {
		return this.calls.length;
	}

	/** Whether somebody waits for one of them. */
	get isWanted(): boolean {
		return this.calls.some(({ isOver }) => !isOver);
	}

	/** The one whose children its code waits for. */
	get waiting(): Call | undefined {
		return this.calls.find(({ isWaiting }) => isWaiting);
	}

	/** The call that its code speaks for: nobody's if they are of several accounts, for nobody may act for another. */
	get speaker(): Call | undefined {
		const [first] = this.calls;
		const isOfOne = this.calls.every(
			({ account }) => account === first?.account,
		);
		return isOfOne ? this.calls.find(({ isOver }) => !isOver) : undefined;
	}
}
