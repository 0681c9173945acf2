import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import {
	ListMultipartUploadsCommand,
	ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Data } from "../../src/data/data.ts";
import { connect, loadSdk } from "../../src/data/drivers/s3/client.ts";
import { S3Driver } from "../../src/data/drivers/s3/s3.ts";
import { account, direct } from "../src/data/users.ts";
import { type Seaweed, startSeaweed } from "../support/seaweedfs.ts";

/** What meets a real S3-compatible server besides the drivers' common suite. */
let seaweed: Seaweed;
let stateFolder: string;
beforeAll(async () => {
	seaweed = await startSeaweed();
	stateFolder = await mkdtemp(join(tmpdir(), "applyd-test-"));
}, 120_000);
afterAll(async () => {
	await seaweed?.close();
	await rm(stateFolder, { recursive: true });
});

const ada = direct("ada");
const streamOf = (content: string) => Readable.from([Buffer.from(content)]);

describe("a bucket as the store of data://", () => {
	const open = (bucket: string, prefix = "") =>
		Data.open({
			stateFolder,
			url: { bucket, prefix },
			s3Endpoint: seaweed.endpoint,
			onFault: () => {},
		});
	const outside = { ...process.env };
	beforeAll(() => {
		process.env.AWS_ACCESS_KEY_ID = seaweed.credentials.accessKeyId;
		process.env.AWS_SECRET_ACCESS_KEY = seaweed.credentials.secretAccessKey;
	});
	afterAll(() => {
		process.env = outside;
	});

	test("holds all of it, so that another server finds it there", async () => {
		const bucket = await seaweed.bucket("hosted");
		const first = await open("hosted", "a/b");
		await first.createDirectory(ada, ".my", "notes", "public");
		await first.put(ada, ".my/notes/x", streamOf("hello"));
		first.close();
		const second = await open("hosted", "a/b");
		const found = await second.get(direct("bob"), "ada/notes/x");
		expect(await text(found?.stream as Readable)).toBe("hello");
		expect(found?.etag).toBe("5d41402abc4b2a76b9719d911017c592");
		expect(await second.remove(ada, ".my/notes", true)).toBe(1);
		expect(await second.exists(ada, ".my/notes")).toBe(false);
		second.close();
		const client = connect(await loadSdk(), bucket);
		const { Contents: left = [] } = await client.send(
			new ListObjectsV2Command({ Bucket: "hosted" }),
		);
		expect(left).toEqual([]);
		client.destroy();
	});

	test("that is not there stops the start", async () => {
		await expect(open("no-such-bucket")).rejects.toThrow(
			"the bucket no-such-bucket cannot be used: it is not there",
		);
	});
});

test("credentials that the store refuses are told apart from a file that is not there", async () => {
	const bucket = await seaweed.bucket("refused");
	const driver = await S3Driver.open(
		{
			...bucket,
			credentials: { ...seaweed.credentials, secretAccessKey: "wrong" },
		},
		"",
	);
	await expect(driver.check()).rejects.toThrow("cannot be used");
	await expect(driver.get("x")).rejects.toMatchObject({ code: "FORBIDDEN" });
	await expect(driver.put("x", streamOf("x"))).rejects.toMatchObject({
		code: "FORBIDDEN",
	});
	driver.close();
});

test("an upload that fails half-way leaves no parts in the store", async () => {
	const bucket = await seaweed.bucket("parts");
	const driver = await S3Driver.open(bucket, "");
	const failing = Readable.from(
		(function* () {
			for (let n = 0; n < 50; n++) yield Buffer.alloc(1_000_000);
			throw new Error("the sender hung up");
		})(),
	);
	await expect(driver.put("large", failing)).rejects.toThrow(
		"the sender hung up",
	);
	const client = connect(await loadSdk(), bucket);
	const { Uploads: uploads = [] } = await client.send(
		new ListMultipartUploadsCommand({ Bucket: bucket.name }),
	);
	expect(uploads).toEqual([]);
	client.destroy();
	driver.close();
});

describe("a connector of one's own", () => {
	let data: Data;
	const connection = (fields: object) => ({
		protocol: "s3",
		cred_type: "iam",
		cred_data: {
			access_key_id: seaweed.credentials.accessKeyId,
			secret_access_key: seaweed.credentials.secretAccessKey,
		},
		...fields,
	});
	beforeAll(async () => {
		data = await Data.open({
			stateFolder,
			url: undefined,
			s3Endpoint: seaweed.endpoint,
			onFault: () => {},
		});
		await seaweed.bucket("lab");
		const { connectors } = data;
		await connectors.add(ada, "ada", connection({ writeable: true }));
		await connectors.add(ada, "ada", connection({ label: "look" }));
		await connectors.add(
			ada,
			"ada",
			connection({ label: "part", path: "lab/in/*", writeable: true }),
		);
	});
	afterAll(() => data?.close());
	const put = (path: string) => data.put(ada, path, streamOf(path));
	const read = async (path: string) => {
		const file = await data.get(ada, path);
		return file && (await text(file.stream));
	};

	test("reads, writes, lists and deletes, folders below folders too", async () => {
		expect(await put("s3://lab/a/b/x.txt")).toBe("s3://lab/a/b/x.txt");
		await put("s3://lab/a/y");
		expect(await read("s3+look://lab/a/b/x.txt")).toBe("s3://lab/a/b/x.txt");
		expect(await data.stat(ada, "s3://lab/a/b/x.txt")).toMatchObject({
			type: "text/plain",
			bytes: 18,
		});
		expect(await data.stat(ada, "s3://lab/a")).toBeUndefined();
		expect(await data.get(ada, "s3://lab/a")).toBeUndefined();
		expect(await data.list(ada, "s3://lab/a")).toMatchObject({
			folders: ["b"],
			files: [{ name: "y" }],
		});
		await expect(data.remove(ada, "s3://lab/a")).rejects.toMatchObject({
			code: "CONFLICT",
		});
		expect(await data.remove(ada, "s3://lab/a/y")).toBe(1);
		expect(await data.remove(ada, "s3://lab/a", true)).toBe(1);
		expect(await data.exists(ada, "s3://lab/a/b/x.txt")).toBe(false);
	});

	test("refuses what it was not made for", async () => {
		const forbidden = { code: "FORBIDDEN" };
		await expect(put("s3+look://lab/x")).rejects.toMatchObject(forbidden);
		await expect(put("s3+part://lab/x")).rejects.toMatchObject(forbidden);
		await expect(read("s3+part://lab/out/x")).rejects.toMatchObject(forbidden);
		await put("s3+part://lab/in/x");
		expect(await read("s3+part://lab/in/x")).toBe("s3+part://lab/in/x");
		const badRequest = { code: "BAD_REQUEST" };
		for (const path of ["s3://", "s3://Not_A_Bucket/x"])
			await expect(data.list(ada, path)).rejects.toMatchObject(badRequest);
		await expect(data.setAcl(ada, "s3://lab", "public")).rejects.toMatchObject(
			badRequest,
		);
		await expect(
			data.createDirectory(ada, "s3://lab", "x"),
		).rejects.toMatchObject(badRequest);
	});

	test("is its owner's alone, by the rights of his key", async () => {
		await put("s3://lab/mine");
		await expect(data.get(direct("bob"), "s3://lab/mine")).rejects.toThrow(
			"connector s3 not found",
		);
		await expect(read("s3+none://lab/mine")).rejects.toThrow(
			"connector s3+none not found",
		);
		const reader = direct("ada", "read");
		expect(await data.exists(reader, "s3://lab/mine")).toBe(true);
		await expect(
			data.put(reader, "s3://lab/mine", streamOf("x")),
		).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	test("is made by its owner only, with a key that may manage, and once", async () => {
		const { connectors } = data;
		const plain = account("ada");
		const weak = {
			caller: { ...plain, rights: { ...plain.rights, manage: false } },
		};
		for (const user of [direct("bob"), weak])
			await expect(
				connectors.add(user, "ada", connection({ label: "new" })),
			).rejects.toMatchObject({ code: "FORBIDDEN" });
		await expect(
			connectors.add(ada, "ada", connection({ label: "look" })),
		).rejects.toMatchObject({ code: "CONFLICT" });
	});

	test.each([
		[{ protocol: "ftp" }, "BAD_REQUEST", "protocol is"],
		[{ protocol: "gs" }, "NOT_IMPLEMENTED", "gs"],
		[{ label: "a-b" }, "BAD_REQUEST", "label is"],
		[{ path: 7 }, "BAD_REQUEST", "path is"],
		[{ cred_type: "sas" }, "BAD_REQUEST", "cred_type is"],
		[{ cred_data: {} }, "BAD_REQUEST", "cred_data must be"],
	])("is refused with %j", async (fields, code, why) => {
		await expect(
			data.connectors.add(ada, "ada", connection(fields)),
		).rejects.toMatchObject({ code, message: expect.stringContaining(why) });
	});

	test("goes when it is removed; its secret is readable by the server's user only", async () => {
		const { connectors } = data;
		await connectors.add(ada, "ada", connection({ label: "short" }));
		await connectors.remove(ada, "ada", "s3+short");
		await expect(read("s3+short://lab/x")).rejects.toThrow("not found");
		await expect(connectors.remove(ada, "ada", "s3+short")).rejects.toThrow(
			"not found",
		);
		const path = join(stateFolder, "connectors.json");
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect(JSON.parse(await readFile(path, "utf8"))).toHaveLength(3);
	});
});
