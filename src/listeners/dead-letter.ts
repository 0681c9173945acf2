import type { Letter, LetterError } from "./letter.ts";
import type { Message } from "./message.ts";

export function deadLetter(_: Message, __: number, ___: LetterError): Letter {
	throw new Error("not built yet");
}
