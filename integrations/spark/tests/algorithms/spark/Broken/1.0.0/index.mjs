export function load() {
	throw new Error("no model here");
}

export const apply = (input) => input;
