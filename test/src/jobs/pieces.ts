import type { Cut } from "../../../src/items/cut.ts";
import { LineCutter } from "../../../src/items/line-cutter.ts";
import { ListCutter } from "../../../src/items/list-cutter.ts";

/** Lines cut so many at a time. */
export function cutsOf(lines: readonly string[], at: number): Cut[] {
	const cutter = new LineCutter({ maxItemBytes: 1000 });
	cutter.push(Buffer.from(lines.join("\n")));
	return allOf(cutter, at);
}

/** Elements of an array cut so many at a time. */
export function listCutsOf(array: string, at: number): Cut[] {
	const cutter = new ListCutter({ maxItemBytes: 1000 });
	cutter.push(Buffer.from(array));
	return allOf(cutter, at);
}

function allOf(cutter: LineCutter | ListCutter, at: number): Cut[] {
	cutter.finish();
	const cuts: Cut[] = [];
	for (;;) {
		const cut = cutter.take(at, Number.POSITIVE_INFINITY);
		if (!cut) return cuts;
		cuts.push(cut);
	}
}

export const textOf = ({ pieces }: Pick<Cut, "pieces">): string =>
	Buffer.concat(pieces).toString();
