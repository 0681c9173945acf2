import { apply } from "../algorithms/bench/Shout/1.0.0/index.mjs";

const RESULT_START = Buffer.from('"result":');
/** Some indent what they write. */
const RESULT_AT = 8;
/** Of so many answers one is compared in full. */
const COMPARE_EVERY = 1000;

/** Holds every answer to status 200 with a result, and compares the first and then one in a thousand in full. */
export class Check {
	readonly #expected: string;
	#answers = 0;

	constructor(body: Buffer) {
		this.#expected = JSON.stringify(apply(JSON.parse(body.toString())));
	}

	/** @throws Error saying what is wrong with the answer */
	see(status: number, body: Buffer): void {
		const isResult =
			status === 200 &&
			body.subarray(0, RESULT_AT + RESULT_START.length).includes(RESULT_START);
		if (!isResult)
			throw new Error(
				`a wrong answer: ${status} ${body.toString("utf8", 0, 300)}`,
			);
		if (this.#answers++ % COMPARE_EVERY !== 0) return;
		const { result } = JSON.parse(body.toString());
		if (JSON.stringify(result) !== this.#expected)
			throw new Error(
				`a wrong result: ${JSON.stringify(result).slice(0, 300)}`,
			);
	}
}
