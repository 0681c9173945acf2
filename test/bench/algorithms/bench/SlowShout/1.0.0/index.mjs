// The work that every contender does, after keeping a core busy for some tenths of a millisecond.

const ROOTS = 100_000;

/**
 * @param {string} text
 * @returns {string}
 */
export function apply(text) {
	let sum = 0;
	for (let i = 1; i <= ROOTS; i++) sum += Math.sqrt(i) % 3;
	return sum > 0 ? text.toUpperCase() : "";
}
