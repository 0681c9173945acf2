import { AlgoError } from "../errors.ts";

/** So many items that end their worker one after the other, and none between them that does not, are no accident; */
const IN_A_ROW = 10;
/** nor are so many in all, if they are more than one in ten. */
const IN_ALL = 100;

/** When a list or a stream is given up because its items end their workers. */
export class DeathBound {
	#inARow = 0;
	#inAll = 0;
	#survivors = 0;

	/** Items have ended, and their worker has not. */
	survived(count: number): void {
		this.#inARow = 0;
		this.#survivors += count;
	}

	/** An item has ended its worker, with this error. @returns the error to give up with, if it was one too many */
	died({ code, message }: AlgoError): AlgoError | undefined {
		this.#inARow++;
		this.#inAll++;
		const isMany = this.#inAll >= IN_ALL && this.#inAll * 9 > this.#survivors;
		if (this.#inARow < IN_A_ROW && !isMany) return undefined;
		const what = isMany
			? `${this.#inAll} items`
			: `${this.#inARow} items in a row`;
		return new AlgoError(
			code,
			`not run: ${what} have ended their worker, the last with: ${message}`,
		);
	}
}
