import type { Cut } from "../items/cut.ts";
import { Form, PART_HEAD_BYTES, SliceFlag } from "../protocol/slice-frames.js";
import type { ItemOutcomes } from "../runners/slice.ts";

/** What an item failed with that never ran, or ended its worker. */
export interface ItemFault {
	message: string;
	errorType: string;
}

/**
 * The outcome of an item that has none from a worker, written as a worker would.
 * @param run the run's form and flags
 */
export function faultOutcome(
	cut: Cut,
	{ message, errorType }: ItemFault,
	{ form, flags }: { form: number; flags: number },
): ItemOutcomes {
	const error = JSON.stringify({ message, error_type: errorType });
	const id = flags & SliceFlag.ECHO_ID ? idOf(cut, form) : "";
	const text = Buffer.from(
		flags & SliceFlag.AS_LINES
			? `{"index":${cut.firstIndex}${id},"error":${error}}\n`
			: error,
	);
	return {
		firstIndex: cut.firstIndex,
		count: 1,
		failed: 1,
		runMs: 0,
		lengths: Uint32Array.of(text.length * 2 + 1),
		text,
	};
}

/** Only what has gone wrong is looked into on the server's thread, and only if it is small. */
const MAX_PARSED_BYTES = 65_536;

function idOf({ pieces, bytes, fault }: Cut, form: number): string {
	if (fault || bytes > MAX_PARSED_BYTES) return "";
	try {
		const from = form === Form.PARTS ? PART_HEAD_BYTES : 0;
		const { id } = JSON.parse(Buffer.concat(pieces).toString("utf8", from));
		const isId = typeof id === "string" || typeof id === "number";
		return isId ? `,"id":${JSON.stringify(id)}` : "";
	} catch {
		return "";
	}
}
