/** A number as JSON writes it: sign, digits, fraction, exponent. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** So many digits a double keeps, whatever they are. */
const SURE_DIGITS = 15;

/**
 * The JSON of a CSV cell whose type is told from its text (interface §9, CSV): empty is null, `true` and `false` are
 * booleans, and what JSON would read as a number without losing a digit is one. Anything else is text.
 */
export function inferred(cell: string): string {
	if (cell === "") return "null";
	if (cell === "true" || cell === "false" || isNumber(cell)) return cell;
	return JSON.stringify(cell);
}

function isNumber(cell: string): boolean {
	const match = NUMBER.exec(cell);
	if (!match) return false;
	const [, whole = "", fraction = "", exponent] = match;
	const value = Number(cell);
	if (!fraction && !exponent) return Number.isSafeInteger(value);
	if (!Number.isFinite(value)) return false;
	const digits = (whole + fraction.slice(1)).replace(/^0+|0+$/g, "");
	if (digits !== "" && value === 0) return false;
	return digits.length <= SURE_DIGITS || String(value) === cell;
}
