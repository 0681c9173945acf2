// The same as a version of its own: it has its own workers, so its calls and those of 1.0.0 share nothing but the server.
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
