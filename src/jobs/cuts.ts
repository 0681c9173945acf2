import type { Cut } from "../items/cut.ts";
import { splitCut } from "../items/split-cut.ts";
import { Form } from "../protocol/frames.js";

const SEPARATORS = { [Form.LIST]: Buffer.from(","), [Form.LINES]: Buffer.from("\n") };

/** Takes single items out of cuts. @param indexes ascending; those that no cut has are passed over */
export function* pick(
	cuts: readonly Cut[],
	indexes: readonly number[],
	form: number,
): Generator<Cut> {
	let at = 0;
	for (const cut of cuts) {
		let rest: Cut | undefined = cut;
		while (rest && at < indexes.length) {
			const skipped = (indexes[at] as number) - rest.firstIndex;
			if (skipped >= rest.count) break;
			at++;
			if (skipped < 0) continue;
			if (skipped > 0) [, rest] = splitCut(rest, form, skipped) as [Cut, Cut];
			if (rest.count === 1) {
				yield rest;
				break;
			}
			const [item, behind]: [Cut, Cut] = splitCut(rest, form, 1);
			yield item;
			rest = behind;
		}
	}
}

/** Makes one cut of two, if the second follows the first and both can be run. */
export function join(first: Cut, second: Cut, form: number): Cut | undefined {
	const isNext = first.firstIndex + first.count === second.firstIndex;
	if (!isNext || first.fault || second.fault) return undefined;
	const separator = SEPARATORS[form] as Buffer;
	return {
		firstIndex: first.firstIndex,
		count: first.count + second.count,
		pieces: [...first.pieces, separator, ...second.pieces],
		bytes: first.bytes + separator.length + second.bytes,
		startByte: first.startByte,
		endByte: second.endByte,
	};
}
