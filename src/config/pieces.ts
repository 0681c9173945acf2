import { closest } from "fastest-levenshtein";

/** What keeps author code apart from the machine; docs/security.md says what each does. */
export const PIECES = [
	"files",
	"processes",
	"network",
	"privileges",
	"limits",
	"temp",
] as const;

export type Piece = (typeof PIECES)[number];

/** `auto`: what this machine allows of those that suit it; else these, or no start. */
export type WantedPieces = "auto" | readonly Piece[];

/** Of somebody's own machine: the code is his, and sees his files. */
export const OWN_PIECES = PIECES.filter((piece) => piece !== "files");

/** @throws Error saying what is allowed */
export function wantedPieces(text: string): WantedPieces {
	if (text === "auto") return text;
	if (text === "off") return [];
	if (text === "all") return PIECES;
	return text.split(",").map((name) => {
		const piece = PIECES.find((known) => known === name.trim());
		if (piece) return piece;
		throw new Error(
			`auto, off, all, or a list of ${PIECES.join(",")}; did you mean ${closest(name, ["auto", "off", "all", ...PIECES])}?`,
		);
	});
}
