import { AlgoError } from "../../../errors.ts";

/** What common file systems take for a name (ext4, APFS, NTFS). */
const MAX_NAME_BYTES = 255;

/**
 * Characters that keep their form on every disk: no capitals (a disk may not tell them apart), nothing that has another
 * normal form or joins with its neighbours, no marks, spaces or control characters, nothing that Windows refuses.
 */
const UNSAFE = /[\p{M}\p{C}\p{Z}\u1100-\u11ff"%*/:<>?\\|]/u;
const isSafe = (character: string): boolean =>
	character === character.toUpperCase().toLowerCase() &&
	character === character.normalize("NFD") &&
	!UNSAFE.test(character);

/** `com1` is a device on Windows, `com1.txt` too. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/;

const percent = (character: string): string =>
	[...Buffer.from(character)]
		.map((byte) => `%${byte.toString(16).padStart(2, "0")}`)
		.join("");

/**
 * The name on disk of an object's name; two names never share one, on any disk.
 * @throws AlgoError BAD_REQUEST if it does not fit
 */
export function toFileName(name: string): string {
	const safe = /^[a-z\d_][a-z\d_-]*$/.test(name)
		? name
		: [...name].map((c) => (isSafe(c) ? c : percent(c))).join("");
	const fileName = RESERVED.test(safe)
		? percent(safe.charAt(0)) + safe.slice(1)
		: safe.replace(/^\.|\.$/g, "%2e");
	const bytes = Buffer.byteLength(fileName);
	if (bytes <= MAX_NAME_BYTES) return fileName;
	throw new AlgoError(
		"BAD_REQUEST",
		`the name '${name.slice(0, 40)}…' takes ${bytes} bytes on disk, the limit is ${MAX_NAME_BYTES} (a capital letter takes 3, a letter of another script up to 9); use a shorter one`,
	);
}

/** The other way. @returns `undefined` for a name that this never made */
export function fromFileName(fileName: string): string | undefined {
	if (!fileName.includes("%"))
		return fileName.startsWith(".") ? undefined : fileName;
	try {
		return decodeURIComponent(fileName);
	} catch {
		return undefined;
	}
}
