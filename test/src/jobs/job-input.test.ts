import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { JobInput } from "../../../src/jobs/job-input.ts";

const CONTENT = Buffer.from(
	Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join(""),
);

/** A stored file that counts how often it is opened. */
function source(stored: Buffer) {
	const opened: number[] = [];
	const info = { bytes: stored.length, etag: "e", modifiedMs: 0 };
	return {
		opened,
		name: "data://ada/files/in",
		info,
		stat: async () => info,
		open: async (firstByte: number) => {
			opened.push(firstByte);
			const rest = stored.subarray(firstByte);
			const chunks: Buffer[] = [];
			for (let at = 0; at < rest.length; at += 1000)
				chunks.push(rest.subarray(at, at + 1000));
			return {
				...info,
				part: { firstByte, lastByte: stored.length - 1 },
				stream: Readable.from(chunks, { objectMode: false }),
			};
		},
	};
}

async function readAll(input: JobInput, from: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for (let at = from; ; ) {
		const chunk = await input.read(at);
		if (!chunk) return Buffer.concat(chunks);
		chunks.push(chunk);
		at += chunk.length;
	}
}

describe.each([
	["as it is", CONTENT, false],
	["compressed", gzipSync(CONTENT), true],
])("an input %s", (_, stored, isGzip) => {
	const open = () => {
		const from = source(stored);
		const identity = { bytes: stored.length, etag: "e", isGzip };
		return { from, input: new JobInput(from, identity) };
	};

	it("is read from any byte on, and its end is its end", async () => {
		const { input, from } = open();
		expect((await readAll(input, 0)).equals(CONTENT)).toBe(true);
		expect(from.opened).toEqual([0]);
		expect(await input.read(CONTENT.length)).toBeUndefined();
		const rest = await readAll(input, 12_345);
		expect(rest.equals(CONTENT.subarray(12_345))).toBe(true);
		input.close();
	});

	it("is not opened again for what comes next", async () => {
		const { input, from } = open();
		const first = await input.read(0);
		const middle = Math.floor((first?.length ?? 0) / 2);
		expect((await input.read(middle))?.length).toBe(
			(first?.length ?? 0) - middle,
		);
		await input.read(first?.length ?? 0);
		expect(from.opened).toEqual([0]);
		input.close();
	});

	it("that is gone or another one is told by name", async () => {
		const { input, from } = open();
		from.info.etag = "another";
		await expect(input.read(0)).rejects.toMatchObject({
			code: "BAD_REQUEST",
			message: expect.stringContaining("data://ada/files/in has changed"),
		});
		const none = {
			...from,
			stat: async () => undefined,
			open: async () => undefined,
		};
		const lost = new JobInput(none, { bytes: 1, etag: "e", isGzip });
		await expect(lost.read(0)).rejects.toMatchObject({
			code: "PATH_NOT_FOUND",
			message: expect.stringContaining("data://ada/files/in is not there"),
		});
	});
});
