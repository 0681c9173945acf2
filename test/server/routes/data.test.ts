import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { ask } from "../../support/ask.ts";
import { until } from "../../support/until.ts";
import { shareServer } from "../support.ts";

const server = shareServer();
const send = (
	method: string,
	path: string,
	body?: string | Buffer | Readable,
	headers?: Record<string, string>,
) => ask(server.url, method, path, body, headers);
const put = (
	path: string,
	body: string | Buffer | Readable = "x",
	headers?: Record<string, string>,
) => send("PUT", path, body, headers);
const get = (path: string, headers?: Record<string, string>) =>
	send("GET", path, "", headers);
const make = (name: string, acl?: unknown) =>
	send("POST", "/v1/data/.my", JSON.stringify({ name, acl }));
const md5 = (content: string | Buffer) =>
	createHash("md5").update(content).digest("hex");

beforeAll(async () => {
	await make("box");
	await put("/v1/data/.my/box/hello.txt", "héllo");
	await put("/v1/data/.my/box/digits", "0123456789");
});

describe("a file", () => {
	test("is stored with its owner's name in the answer", async () => {
		const reply = await put("/v1/data/.my/box/a.bin", "abc");
		expect(reply.status).toBe(200);
		expect(reply.text).toBe('{"result":"data://local/box/a.bin"}');
		expect(reply.headers["content-type"]).toMatch(/^application\/json/);
		expect(reply.headers["x-request-id"]).toBeDefined();
	});

	test("comes back byte for byte with all its headers", async () => {
		const content = Buffer.from(
			Array.from({ length: 100_000 }, (_, n) => (n * n) % 256),
		);
		await put("/v1/data/.my/box/b.png", content);
		const reply = await get("/v1/data/local/box/b.png");
		expect(reply.status).toBe(200);
		expect(reply.bytes.equals(content)).toBe(true);
		expect(reply.headers).toMatchObject({
			"x-data-type": "file",
			"content-type": "image/png",
			"content-length": String(content.length),
			etag: `"${md5(content)}"`,
		});
		expect(Date.parse(reply.headers["last-modified"] ?? "")).toBeGreaterThan(
			Date.now() - 60_000,
		);
	});

	test("is replaced by a second PUT, and may be empty", async () => {
		await put("/v1/data/.my/box/c", "first");
		await put("/v1/data/.my/box/c", "");
		const reply = await get("/v1/data/.my/box/c");
		expect(reply.bytes).toHaveLength(0);
		expect(reply.headers["content-length"]).toBe("0");
		expect(reply.headers.etag).toBe(`"${md5("")}"`);
	});

	test.each([
		undefined,
		"application/json",
		"text/plain",
		"application/x-www-form-urlencoded",
		"multipart/form-data",
		"nonsense",
		"a/b/c; =",
		"",
	])("is stored as it is with Content-Type %j", async (type) => {
		const headers: Record<string, string> =
			type === undefined ? {} : { "content-type": type };
		expect((await put("/v1/data/.my/box/t", "{not json", headers)).status).toBe(
			200,
		);
		expect((await get("/v1/data/.my/box/t")).text).toBe("{not json");
	});

	test("may come chunked, without a length and beyond the limit of a call's input", async () => {
		const chunk = Buffer.alloc(1_000_000, "z");
		const chunks = Readable.from(Array.from({ length: 12 }, () => chunk));
		expect((await put("/v1/data/.my/box/long", chunks)).status).toBe(200);
		const reply = await send("HEAD", "/v1/data/.my/box/long");
		expect(reply.headers["content-length"]).toBe("12000000");
	});

	test("is not there if its sender hangs up, nor is what had come of it", async () => {
		const { state } = server.engine.config;
		const unfinished = () => readdir(join(state, "data/.unfinished"));
		const socket = server.connect();
		socket.write(
			"PUT /v1/data/.my/box/cut HTTP/1.1\r\nHost: x\r\nX-Request-Id: cut\r\nContent-Length: 100\r\n\r\nonly this",
		);
		await until("it has begun", async () => (await unfinished()).length > 0);
		socket.destroy();
		await until("it is over", async () => (await unfinished()).length === 0);
		expect((await send("HEAD", "/v1/data/.my/box/cut")).status).toBe(404);
		expect(server.log).toContainEqual(
			expect.objectContaining({ code: "CLIENT_GONE", requestId: "cut" }),
		);
	});

	test("needs its collection", async () => {
		const reply = await put("/v1/data/.my/nowhere/x");
		expect(reply.status).toBe(404);
		expect(reply.text).toBe('{"error":{"message":"path not found"}}');
	});

	test("refused while it is still being sent is answered nevertheless", async () => {
		const chunk = Buffer.alloc(1_000_000);
		const chunks = Readable.from(Array.from({ length: 20 }, () => chunk));
		const reply = await put("/v1/data/.my/nowhere/x", chunks);
		expect(reply.status).toBe(404);
	});

	test("that is missing is 404 in every way of asking", async () => {
		for (const method of ["GET", "HEAD", "DELETE"]) {
			const reply = await send(method, "/v1/data/.my/box/none");
			expect(reply.status).toBe(404);
			expect(reply.headers["x-error-message"]).toBe("path not found");
			expect(reply.text).toBe(
				method === "HEAD" ? "" : '{"error":{"message":"path not found"}}',
			);
		}
	});

	test("has a HEAD with the true size", async () => {
		const reply = await send("HEAD", "/v1/data/.my/box/hello.txt");
		expect(reply.status).toBe(200);
		expect(reply.headers).toMatchObject({
			"x-data-type": "file",
			"content-length": "6",
			"content-type": "text/plain; charset=utf-8",
			etag: `"${md5("héllo")}"`,
		});
	});

	test("unchanged is not sent again", async () => {
		const { etag = "" } = (await get("/v1/data/.my/box/digits")).headers;
		for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
			const reply = await get("/v1/data/.my/box/digits", {
				"if-none-match": tag,
			});
			expect(reply.status).toBe(304);
			expect(reply.headers.etag).toBe(etag);
		}
		const reply = await get("/v1/data/.my/box/digits", {
			"if-none-match": '"other"',
		});
		expect(reply.status).toBe(200);
	});

	test("cannot act as a page of this server", async () => {
		await put("/v1/data/.my/box/page.html", "<script>alert(1)</script>");
		const { headers } = await get("/v1/data/.my/box/page.html");
		expect(headers["content-security-policy"]).toBe("sandbox");
		expect(headers["x-content-type-options"]).toBe("nosniff");
	});
});

describe("a part of a file", () => {
	test.each([
		["bytes=0-3", "0123", "bytes 0-3/10"],
		["bytes=4-", "456789", "bytes 4-9/10"],
		["bytes=-2", "89", "bytes 8-9/10"],
		["bytes=8-99", "89", "bytes 8-9/10"],
	])("%s is %j", async (range, expected, contentRange) => {
		const reply = await get("/v1/data/.my/box/digits", { range });
		expect(reply.status).toBe(206);
		expect(reply.text).toBe(expected);
		expect(reply.headers["content-range"]).toBe(contentRange);
		expect(reply.headers["content-length"]).toBe(String(expected.length));
	});

	test.each(["bytes=10-", "bytes=99-100", "bytes=-0"])(
		"%s lies outside",
		async (range) => {
			const reply = await get("/v1/data/.my/box/digits", { range });
			expect(reply.status).toBe(416);
			expect(reply.headers["content-range"]).toBe("bytes */10");
		},
	);

	test.each(["bytes=0-1,3-4", "items=0-1", "bytes=5-1", "bytes=-", "x"])(
		"%s means the whole",
		async (range) => {
			const reply = await get("/v1/data/.my/box/digits", { range });
			expect(reply.status).toBe(200);
			expect(reply.text).toBe("0123456789");
		},
	);
});

test.each([
	["a.txt", undefined, "text/plain; charset=utf-8"],
	["a.txt", "application/octet-stream", "text/plain; charset=utf-8"],
	["a.txt", "application/json", "application/json"],
	["a.json", undefined, "application/json"],
	["a.json", "*/*", "application/json"],
	["a.json", "application/octet-stream", "application/octet-stream"],
	["a.json", "text/plain", "text/plain; charset=utf-8"],
	["a.JPG", undefined, "image/jpeg"],
	["a.png", "application/octet-stream", "image/png"],
	["a.csv", undefined, "text/csv; charset=utf-8"],
	["a", undefined, "application/octet-stream"],
	["a", "text/plain", "text/plain; charset=utf-8"],
	["a", "text/plain, application/json", "application/octet-stream"],
	["txt", undefined, "application/octet-stream"],
])("%s asked for as %j is %s", async (name, accept, expected) => {
	await put(`/v1/data/.my/box/${name}`);
	const headers: Record<string, string> =
		accept === undefined ? {} : { accept };
	for (const method of ["GET", "HEAD"]) {
		const reply = await send(method, `/v1/data/.my/box/${name}`, "", headers);
		expect(reply.headers["content-type"]).toBe(expected);
	}
});

describe("a directory", () => {
	test("is made under its parent, as JSON or by its bare name", async () => {
		const reply = await make("made1");
		expect([reply.status, reply.text]).toEqual([
			200,
			'{"result":"data://local/made1"}',
		]);
		expect((await make("made2", null)).status).toBe(200);
		const bare = await send("POST", "/v1/data/.my", "made3", {
			"content-type": "text/plain",
		});
		expect(bare.text).toBe('{"result":"data://local/made3"}');
		const quoted = await send("POST", "/v1/connector/data/.my/", '"made4"');
		expect(quoted.text).toBe('{"result":"data://local/made4"}');
	});

	test("is made once", async () => {
		await make("once");
		const reply = await make("once");
		expect([reply.status, reply.text]).toEqual([
			409,
			'{"error":{"message":"directory already exists"}}',
		]);
	});

	test.each([
		["", "name is missing"],
		["{}", "name is missing"],
		['{"name":7}', "name is missing"],
		["{", "no JSON"],
		['{"name":"a/b"}', "cannot be called so"],
		['{"name":"ok","acl":{"read":["user://bob"]}}', "acl is"],
		['{"name":"ok","acl":{"read":["user://*","algo://.my/*"]}}', "acl is"],
		['{"name":"ok","acl":7}', "acl is"],
		["x".repeat(70_000), "more than 65536 bytes"],
	])("is refused with the body %.60j", async (body, why) => {
		const reply = await send("POST", "/v1/data/.my", body);
		expect(reply.status).toBe(400);
		expect(JSON.parse(reply.text).error.message).toContain(why);
	});

	test("is not made below a collection", async () => {
		const reply = await send("POST", "/v1/data/.my/box", '{"name":"deeper"}');
		expect(reply.status).toBe(400);
		expect(reply.text).toContain("no directories below a collection");
	});

	test("lists its files, whole seconds and all", async () => {
		await make("list");
		await put("/v1/data/.my/list/b", "bb");
		await put("/v1/data/.my/list/a", "a");
		const reply = await get("/v1/data/.my/list/");
		expect(reply.headers).toMatchObject({ "x-data-type": "directory" });
		expect(reply.headers["content-type"]).toMatch(/^application\/json/);
		const time = expect.stringMatching(
			/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/,
		);
		expect(JSON.parse(reply.text)).toEqual({
			folders: [],
			files: [
				{ filename: "a", last_modified: time, size: 1 },
				{ filename: "b", last_modified: time, size: 2 },
			],
		});
		expect((await send("HEAD", "/v1/data/.my/list")).headers).toMatchObject({
			"x-data-type": "directory",
		});
	});

	test("tells its ACL to who asks, and takes another", async () => {
		await make("acl", { read: [] });
		const aclOf = async (query: string) =>
			JSON.parse((await get(`/v1/data/.my/acl?${query}`)).text).acl;
		expect(await aclOf("acl=true")).toEqual({ read: [] });
		expect(await aclOf("acl=false")).toBeUndefined();
		const reply = await send(
			"PATCH",
			"/v1/data/.my/acl",
			'{"acl":{"read":["user://*"]}}',
		);
		expect([reply.status, reply.text]).toEqual([200, ""]);
		expect(await aclOf("acl=TRUE")).toEqual({ read: ["user://*"] });
		for (const body of ["{}", "", '{"acl":null}', '{"acl":{"read":"x"}}'])
			expect((await send("PATCH", "/v1/data/.my/acl", body)).status).toBe(400);
		const missing = '{"acl":{"read":[]}}';
		expect((await send("PATCH", "/v1/data/.my/none", missing)).status).toBe(
			404,
		);
		expect((await send("PATCH", "/v1/data/.my", missing)).status).toBe(400);
	});

	test("has the default ACL of the owner's algorithms", async () => {
		await make("default");
		const reply = await get("/v1/data/.my/default?acl=true");
		expect(JSON.parse(reply.text).acl).toEqual({ read: ["algo://.my/*"] });
	});

	test("is read page by page", async () => {
		await make("pages");
		const names = Array.from({ length: 7 }, (_, n) => `f${n}`);
		for (const name of names) await put(`/v1/data/.my/pages/${name}`);
		const found: string[] = [];
		let marker = "";
		for (;;) {
			const query = `limit=3${marker && `&marker=${marker}`}`;
			const page = JSON.parse((await get(`/v1/data/.my/pages?${query}`)).text);
			for (const { filename } of page.files) found.push(filename);
			if (!("marker" in page)) break;
			marker = page.marker;
			expect(marker).toMatch(/^[\w-]+$/);
		}
		expect(found).toEqual(names);
		for (const query of ["limit=0", "limit=1001", "limit=x", "marker=!"])
			expect((await get(`/v1/data/.my/pages?${query}`)).status).toBe(400);
	});

	test("above all has the account's name first", async () => {
		for (const path of ["/v1/data", "/v1/data/", "/v1/connector/data"]) {
			const page = JSON.parse((await get(path)).text);
			expect(page.folders[0]).toEqual({ name: "local" });
			expect(page.files).toEqual([]);
		}
		const { folders } = JSON.parse((await get("/v1/data/.my")).text);
		expect(folders).toContainEqual({ name: "box" });
	});

	test("is deleted when empty, or by force, and says how many files went", async () => {
		await make("del");
		await put("/v1/data/.my/del/a");
		const one = await send("DELETE", "/v1/data/.my/del/a", "", {
			"content-type": "application/json",
		});
		expect([one.status, one.text]).toEqual([200, '{"result":{"deleted":1}}']);
		await put("/v1/data/.my/del/a");
		await put("/v1/data/.my/del/b");
		for (const query of ["", "?force=false"]) {
			const refused = await send("DELETE", `/v1/data/.my/del${query}`);
			expect([refused.status, refused.text]).toEqual([
				409,
				'{"error":{"message":"directory is not empty"}}',
			]);
		}
		const all = await send("DELETE", "/v1/data/.my/del?force=True");
		expect(all.text).toBe('{"result":{"deleted":2}}');
		await make("del");
		const empty = await send("DELETE", "/v1/data/.my/del", "", {
			"content-type": "text/plain",
		});
		expect(empty.text).toBe('{"result":{"deleted":1}}');
		expect((await send("DELETE", "/v1/data/.my/del")).status).toBe(404);
	});
});

test("the caller's collections are listed with who may read them", async () => {
	await make("hosted", { read: ["user://*"] });
	const { result } = JSON.parse((await get("/v1/hostedData")).text);
	const id = expect.any(String);
	expect(result).toContainEqual({
		id,
		object_id: id,
		collection_name: "hosted",
		username: "local",
		acl: { read_w: true, read_g: false, read_u: true, read_a: true },
		location: "data://local/hosted",
	});
});

test.each(["dropbox", "azureblob+lab", "gs"])(
	"the connector %s is said to be not implemented, by name",
	async (connector) => {
		for (const path of [
			`/v1/connector/${connector}/x/y`,
			`/v1/data/${connector}://x/y`,
		]) {
			const reply = await get(path);
			expect(reply.status).toBe(501);
			const { error } = JSON.parse(reply.text);
			expect(error.code).toBe(5005);
			expect(error.message).toContain(connector);
		}
	},
);

test("a connector that cannot be is not found", async () => {
	for (const path of ["/v1/connector/ftp/x", "/v1/data/ftp://x"])
		expect((await get(path)).status).toBe(404);
});
