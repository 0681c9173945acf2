import { AlgoError } from "../errors.ts";

/** So many items that end their worker, one after the other with none between them that does not, are no accident. */
const IN_A_ROW = 10;
const IN_ALL = 100;

/** When a list whose items end their workers is given up. */
export class DeathBound {
	#inARow = 0;
	#inAll = 0;

	survived(): void {
		this.#inARow = 0;
	}

	/** An item has ended its worker, with this error. @returns the error to give up with, if it was one too many */
	died(error: AlgoError): AlgoError | undefined {
		this.#inARow++;
		this.#inAll++;
		const what =
			this.#inARow >= IN_A_ROW
				? `${IN_A_ROW} items in a row`
				: this.#inAll >= IN_ALL
					? `${IN_ALL} items`
					: undefined;
		return (
			what &&
			new AlgoError(
				error.code,
				`not run: ${what} have ended their worker, the last with: ${error.message}`,
			)
		);
	}
}
