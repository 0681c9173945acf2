import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Data } from "../data/data.ts";
import type { DataUser } from "../data/user.ts";
import { AlgoError } from "../errors.ts";
import type { AskData } from "../protocol/messages.ts";
import type { Answered } from "../runners/lane-owner.ts";

/** A file travels over the lane as a whole. */
const MAX_BYTES = 256 * 2 ** 20;

const NOTHING = Buffer.alloc(0);

/**
 * Files for code inside an algorithm: `context.data` (interface §3).
 * @throws AlgoError those of Data, INPUT_TOO_LARGE
 */
export async function answerData(
	data: Data,
	user: DataUser,
	{ verb, path, marker }: AskData,
	body: Buffer,
): Promise<Answered> {
	const say = (value: unknown) => ({ head: { value }, body: NOTHING });
	switch (verb) {
		case "get":
			return { head: {}, body: await read(data, user, path) };
		case "put":
			return say(
				await withCollection(data, user, path, () =>
					data.put(user, path, Readable.from([body], { objectMode: false })),
				),
			);
		case "append":
			return say(
				await withCollection(data, user, path, () =>
					data.append(user, path, body),
				),
			);
		case "exists":
			return say(await data.exists(user, path));
		case "delete":
			return say(await data.remove(user, path));
		case "list": {
			const options = marker === undefined ? {} : { marker };
			const {
				folders,
				files,
				marker: next,
			} = await data.list(user, path, options);
			return say({
				folders,
				files: files.map(({ name, bytes, modifiedMs }) => ({
					name,
					bytes,
					lastModified: new Date(modifiedMs).toISOString(),
				})),
				...(next !== undefined && { marker: next }),
			});
		}
	}
}

async function read(data: Data, user: DataUser, path: string): Promise<Buffer> {
	const file = await data.get(user, path);
	if (!file)
		throw new AlgoError("BAD_REQUEST", `${path} is a directory; list it`);
	if (file.bytes <= MAX_BYTES) return buffer(file.stream);
	file.stream.destroy();
	throw new AlgoError(
		"INPUT_TOO_LARGE",
		`${path} is ${file.bytes} bytes, context.data takes files of at most ${MAX_BYTES} bytes; stream it with a client of the API`,
	);
}

/** An algorithm that writes down what it did should not have to ask whether there is a place for it. */
async function withCollection<T>(
	data: Data,
	user: DataUser,
	path: string,
	write: () => Promise<T>,
): Promise<T> {
	try {
		return await write();
	} catch (error) {
		const isMissing =
			error instanceof AlgoError && error.code === "PATH_NOT_FOUND";
		const [owner = "", name, file, ...deeper] = path
			.replace(/^data:\/\//, "")
			.split("/");
		if (!isMissing || !name || !file || deeper.length > 0) throw error;
		await data.createDirectory(user, owner, name).catch((failure) => {
			const isThere =
				failure instanceof AlgoError && failure.code === "CONFLICT";
			if (!isThere) throw failure; // another call has just made it
		});
		return await write();
	}
}
