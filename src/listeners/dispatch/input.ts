import { buffer } from "node:stream/consumers";
import type { Data } from "../../data/data.ts";
import type { DataUser } from "../../data/user.ts";
import { AlgoError, inputTooLarge } from "../../errors.ts";

/** A longer message is no reference: paths end long before. */
const MAX_REFERENCE_BYTES = 4096;

/**
 * What `apply` gets of a message: its body, or the file that it refers to as a whole, `{"$ref":"data://…"}` (interface §9).
 * @returns without a promise where nothing has to be read
 * @throws AlgoError INPUT_TOO_LARGE; for a file also those of `Data.get`
 */
export function inputOf(
	body: Buffer,
	{ data, user, maxBytes }: { data: Data; user: DataUser; maxBytes: number },
): Buffer | Promise<Buffer> {
	const path = referenceIn(body);
	if (path !== undefined) return read(data, user, path, maxBytes);
	if (body.length > maxBytes) throw inputTooLarge(body.length, maxBytes);
	return body;
}

/** Only what looks like a reference is parsed here. */
function referenceIn(body: Buffer): string | undefined {
	if (body.length > MAX_REFERENCE_BYTES || !body.includes('"$ref"'))
		return undefined;
	try {
		const value: unknown = JSON.parse(body.toString());
		if (typeof value !== "object" || value === null) return undefined;
		const [[name, path] = [], ...others] = Object.entries(value);
		const isReference = name === "$ref" && others.length === 0;
		return isReference && typeof path === "string" && path.includes("://")
			? path
			: undefined;
	} catch {
		return undefined;
	}
}

async function read(
	data: Data,
	user: DataUser,
	path: string,
	maxBytes: number,
): Promise<Buffer> {
	const file = await data.get(user, path);
	if (!file)
		throw new AlgoError(
			"BAD_REQUEST",
			`$ref is ${path}, which is a directory; it must be a file`,
		);
	if (file.bytes > maxBytes) {
		file.stream.destroy();
		throw inputTooLarge(file.bytes, maxBytes);
	}
	return buffer(file.stream);
}
