import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import {
	afterAll,
	afterEach,
	beforeAll,
	beforeEach,
	describe,
	expect,
	it,
	vi,
} from "vitest";
import { Data } from "../../../../src/data/data.ts";
import type { Sink } from "../../../../src/listeners/sink.ts";
import { settlePart } from "../../../../src/listeners/sinks/data-part.ts";
import { canMount } from "../../../support/mount.ts";
import { type Seaweed, startSeaweed } from "../../../support/seaweedfs.ts";
import {
	caller,
	ids,
	letter,
	MOODS,
	newPlace,
	openData,
	openMoods,
	type Place,
	partNames,
	storedIds,
} from "./place.ts";

let place: Place;
beforeEach(async () => {
	place = await newPlace();
});
afterEach(() => place.close());

/** As the dispatch does: until it is stored. */
async function insist(sink: Sink, id: string): Promise<void> {
	for (;;)
		try {
			return await sink.put(letter(id));
		} catch {}
}

describe.runIf(canMount())("a disk that is full", () => {
	it("refuses the lines of the moment with the reason, and stores none of them later", async () => {
		const disk = join(place.state, "disk");
		await mkdir(disk);
		execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "none", disk]);
		const data = await openData(disk);
		try {
			const sink = await openMoods(data);
			await sink.put(letter("a"));
			const ballast = join(disk, "ballast");
			await writeFile(ballast, Buffer.alloc(4 * 2 ** 20)).catch(() => {});
			const refused = await Promise.allSettled(
				ids(10).map((id) => sink.put(letter(id, "x".repeat(10_000)))),
			);
			for (const outcome of refused)
				expect(outcome).toMatchObject({
					status: "rejected",
					reason: {
						message: expect.stringMatching(
							/^data:\/\/\.my\/moods: the data store is full/,
						),
					},
				});
			expect(await storedIds(data)).toEqual(["a"]);
			await rm(ballast);
			await sink.put(letter("b"));
			expect(await storedIds(data)).toEqual(["a", "b"]);
			await sink.close();
		} finally {
			data.close();
			execFileSync("umount", [disk]);
		}
	});
});

describe("a bucket", () => {
	let seaweed: Seaweed;
	let proxy: {
		endpoint: string;
		cuts: (method: string) => boolean;
		close(): void;
	};
	const outside = { ...process.env };
	beforeAll(async () => {
		seaweed = await startSeaweed();
		await seaweed.bucket("lab");
		process.env.AWS_ACCESS_KEY_ID = seaweed.credentials.accessKeyId;
		process.env.AWS_SECRET_ACCESS_KEY = seaweed.credentials.secretAccessKey;
	}, 120_000);
	afterAll(async () => {
		process.env = outside;
		await seaweed?.close();
	});
	beforeEach(async () => {
		proxy = await startProxy(seaweed.endpoint);
	});
	afterEach(() => proxy.close());

	let count = 0;
	const openBucket = () =>
		Data.open({
			stateFolder: place.state,
			url: { bucket: "lab", prefix: `${++count}` },
			s3Endpoint: proxy.endpoint,
			onFault() {},
		});

	it("holds each line once, from several writers", async () => {
		const data = await openBucket();
		const sinks = await Promise.all([openMoods(data), openMoods(data)]);
		await Promise.all(
			sinks.flatMap((sink, n) =>
				ids(300, `${n}-`).map((id) => sink.put(letter(id))),
			),
		);
		for (const sink of sinks) await sink.close();
		expect((await storedIds(data)).sort()).toEqual(
			[...ids(300, "0-"), ...ids(300, "1-")].sort(),
		);
		const again = await openMoods(data);
		expect(new Set(await again.recentIds?.()).size).toBe(600);
		data.close();
	});

	it("that stores a line without a word about it gets it a second time into the same part", async () => {
		const data = await openBucket();
		const sink = await openMoods(data);
		await sink.put(letter("a"));
		proxy.cuts = (method) => method === "PUT";
		await expect(sink.put(letter("b"))).rejects.toThrow("data://.my/moods: ");
		expect(await storedIds(data)).toEqual(["a", "b"]);
		proxy.cuts = () => false;
		await sink.put(letter("c"));
		expect(await storedIds(data)).toEqual(["a", "c"]);
		await sink.put(letter("b"));
		expect(await storedIds(data)).toEqual(["a", "c", "b"]);
		expect(await partNames(data)).toHaveLength(1);
		data.close();
	});

	it("does not get back what another server took while it was away for long", async () => {
		const data = await openBucket();
		const sink = await openMoods(data);
		await sink.put(letter("a"));
		proxy.cuts = (method) => method === "PUT";
		await expect(sink.put(letter("b"))).rejects.toThrow();
		proxy.cuts = () => false;
		const [name] = await partNames(data);
		await data.remove({ caller }, `${MOODS}/${name}`);
		const now = performance.now.bind(performance);
		const later = vi
			.spyOn(performance, "now")
			.mockImplementation(() => now() + 61_000);
		await sink.put(letter("c"));
		later.mockRestore();
		expect(await storedIds(data)).toEqual(["c"]);
		data.close();
	});

	it("has only lines that were said to be stored once a part is settled", async () => {
		const data = await openBucket();
		const sink = await openMoods(data);
		const cutPut = async (id: string) => {
			proxy.cuts = (method) => method === "PUT";
			await expect(sink.put(letter(id))).rejects.toThrow();
			proxy.cuts = () => false;
		};
		await cutPut("a");
		const [first = ""] = await partNames(data);
		expect(await settlePart(first)).toBe(true);
		expect(await partNames(data)).toEqual([]);
		await sink.put(letter("b"));
		await cutPut("c");
		const [second = ""] = await partNames(data);
		expect(await settlePart(second)).toBe(true);
		expect(await storedIds(data)).toEqual(["b"]);
		await sink.put(letter("c"));
		expect(await storedIds(data)).toEqual(["b", "c"]);
		data.close();
	});

	it("that fails now and then holds every line once in the end", async () => {
		const data = await openBucket();
		const sink = await openMoods(data);
		let seen = 0;
		proxy.cuts = () => ++seen % 3 !== 0;
		const puts = ids(60).map((id) => insist(sink, id));
		await Promise.all(puts);
		proxy.cuts = () => false;
		expect((await storedIds(data)).sort()).toEqual(ids(60).sort());
		data.close();
	});

	it("behind a connector takes them too", async () => {
		const data = await Data.open({
			stateFolder: place.state,
			url: undefined,
			s3Endpoint: seaweed.endpoint,
			onFault() {},
		});
		await data.connectors.add({ caller }, "ada", {
			protocol: "s3",
			writeable: true,
			cred_data: {
				access_key_id: seaweed.credentials.accessKeyId,
				secret_access_key: seaweed.credentials.secretAccessKey,
			},
		});
		const path = "s3://lab/results/moods";
		const sink = await openMoods(data, path);
		expect([...((await sink.recentIds?.()) ?? [])]).toEqual([]);
		await sink.put(letter("a"));
		expect(await storedIds(data, path)).toEqual(["a"]);
		expect([...((await sink.recentIds?.()) ?? [])]).toEqual(["a"]);
		data.close();
	});
});

/** Passes requests on, and for some cuts the connection instead of giving the answer. */
async function startProxy(target: string) {
	const server = createServer((incoming, outgoing) => {
		const { method = "", url = "", headers } = incoming;
		const isCut = proxy.cuts(method);
		const passed = request(
			new URL(url, target),
			{ method, headers },
			(answer) => {
				if (isCut) answer.resume().on("end", () => outgoing.destroy());
				else {
					outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
					answer.pipe(outgoing);
				}
			},
		);
		passed.on("error", () => outgoing.destroy());
		incoming.pipe(passed);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	const proxy = {
		endpoint: `http://127.0.0.1:${port}`,
		cuts: (_: string) => false,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
	return proxy;
}
