import { AlgoError, parentOver } from "../errors.ts";
import type { Call } from "../runners/call.ts";

/** A call may have so many calls below it open at once, beside each other or below each other (api-contract §3.13, §11.8). */
const MAX_BELOW = 24;

/** @throws AlgoError TOO_MANY_CHILDREN, PARENT_OVER: this call may have no more below it */
export function checkTree(parent: Call): void {
	const refuse = (what: string) => {
		throw new AlgoError(
			"TOO_MANY_CHILDREN",
			`${what}; call fewer algorithms at the same time, or less deeply`,
		);
	};
	if (parent.isOver) throw parentOver();
	if (parent.depth + 1 > MAX_BELOW)
		refuse(`calls are ${parent.depth + 1} deep, the limit is ${MAX_BELOW}`);
	if (parent.root.openBelow >= MAX_BELOW)
		refuse(
			`the algorithm has ${parent.root.openBelow} calls to others open, the limit is ${MAX_BELOW}`,
		);
}
