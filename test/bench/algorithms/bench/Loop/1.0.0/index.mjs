/**
 * @param {string} input "forever" never comes back
 * @returns {string}
 */
export function apply(input) {
	while (input === "forever");
	return input;
}
