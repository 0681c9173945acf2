// The work that every contender does: little, so that what is measured is the way to it.

/**
 * @param {string} text
 * @returns {string}
 */
function shout(text) {
	return text.toUpperCase();
}

/**
 * @param {string | string[]} input
 * @returns {string | string[]}
 */
export function apply(input) {
	return Array.isArray(input) ? input.map(shout) : shout(input);
}
