// An item that keeps a core busy for about a millisecond.

/**
 * @param {number} times
 * @returns {number}
 */
export function apply(times) {
	let sum = 0;
	for (let i = 1; i <= times; i++) sum += Math.sqrt(i) % 3;
	return sum;
}
