import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gunzip } from "../../../src/items/gunzip.ts";
import { chunksOf } from "./cutting.ts";

const TEXT = Buffer.from("line\n".repeat(100_000));
const PACKED = gzipSync(TEXT);

async function unpack(packed: Buffer, chunkBytes = 7): Promise<Buffer> {
	const stream = gunzip();
	const [text] = await Promise.all([
		buffer(stream),
		pipeline(Readable.from(chunksOf(packed, chunkBytes)), stream),
	]);
	return text;
}

const damaged = (at: number) => {
	const packed = Buffer.from(PACKED);
	packed[at] = (packed[at] as number) ^ 0xff;
	return packed;
};

describe("unpacking gzip", () => {
	it.each([1, 7, 65536])(
		"gives what was packed, in chunks of %d bytes",
		async (chunkBytes) => {
			expect(await unpack(PACKED, chunkBytes)).toEqual(TEXT);
		},
	);

	it("unpacks files that were put together", async () => {
		expect(await unpack(Buffer.concat([PACKED, PACKED]))).toHaveLength(
			2 * TEXT.length,
		);
	});

	it.each([
		["nothing", PACKED.subarray(0, 0), "end too early"],
		["its beginning only", PACKED.subarray(0, 100), "end too early"],
		["all but its end", PACKED.subarray(0, -3), "end too early"],
		[
			"text",
			TEXT,
			"not gzip, or damaged: incorrect header check (near byte 0)",
		],
		["a changed byte", damaged(100), "not gzip, or damaged"],
		["a wrong check sum", damaged(PACKED.length - 6), "incorrect data check"],
		[
			"something behind it",
			Buffer.concat([PACKED, Buffer.from("text")]),
			"incorrect header check",
		],
	])("refuses %s", async (_, packed, reason) => {
		await expect(unpack(packed)).rejects.toMatchObject({
			code: "BAD_REQUEST",
			message: expect.stringContaining(reason),
		});
	});
});
