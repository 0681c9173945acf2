// Where the elements of a list stand in its text.

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/**
 * @param {Buffer} list valid JSON values with commas between them
 * @returns {Buffer[]} each value's own bytes
 */
export function elementsOf(list) {
	const elements = [];
	let from = 0;
	let depth = 0;
	for (let at = 0; at < list.length; at++) {
		const byte = list[at];
		if (byte === QUOTE) at = endOfString(list, at);
		else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
		else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
		else if (byte === COMMA && depth === 0) {
			elements.push(list.subarray(from, at));
			from = at + 1;
		}
	}
	elements.push(list.subarray(from));
	return elements;
}

/**
 * @param {Buffer} list
 * @param {number} from of its opening quote
 */
function endOfString(list, from) {
	let at = from + 1;
	while (list[at] !== QUOTE) at += list[at] === BACKSLASH ? 2 : 1;
	return at;
}
