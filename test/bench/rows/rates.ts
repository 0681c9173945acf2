import { median, short } from "../numbers.ts";
import type { Row } from "../row.ts";

/**
 * @param ours rows a second, round by round
 * @param plain those of the plain script in the same rounds
 */
export function rateRow(
	row: Pick<Row, "name" | "what" | "target">,
	ours: readonly number[],
	plain: readonly number[],
): Row {
	const ratios = ours.map((rate, i) => rate / (plain[i] as number));
	return {
		...row,
		ours: `${short(median(ours))} rows/s`,
		against: `plain script ${short(median(plain))} rows/s`,
		value: median(ratios),
		unit: "×",
		details: { ratios, ours, plain },
	};
}
