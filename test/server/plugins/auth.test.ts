import { describe, expect, it } from "vitest";
import { keyIn } from "../../../server/plugins/auth.ts";
import { revokeKey } from "../../../src/index.ts";
import { until } from "../../support/until.ts";
import { keyFor } from "../keys.ts";
import { collect, head, parseAnswer, shareServer } from "../support.ts";

const server = shareServer({
	auth: "keys",
	rootKey: "any text as root key",
	account: "root",
});

const NO_KEY = '{"error":{"message":"authorization required"}}';
const UNKNOWN =
	'{"error":{"code":2002,"message":"Unknown or invalid API key."}}';

const callWith = (authorization: string | undefined) =>
	server.call(
		"Context",
		1,
		authorization === undefined ? {} : { Authorization: authorization },
	);

describe("a key", () => {
	it.each([
		["after Simple", (key: string) => `Simple ${key}`],
		["after simple", (key: string) => `simple ${key}`],
		["after SIMPLE and several spaces", (key: string) => `SIMPLE   ${key}`],
		["bare", (key: string) => key],
		["with spaces around", (key: string) => `  ${key}  `],
		["after a tab", (key: string) => `Simple\t${key}`],
	])("is taken %s", async (_, written) => {
		const { Authorization } = await keyFor(server.store, "ada");
		const key = Authorization.replace("Simple ", "");
		const { status, body } = await callWith(written(key));
		expect(status).toBe(200);
		expect(body.result.caller).toEqual({ account: "ada" });
	});

	it("is read as it stands: nothing in it is decoded", () => {
		expect(keyIn("Simple sim+/%2B%20=")).toBe("sim+/%2B%20=");
	});

	it("acts for its own account, also on one connection with others", async () => {
		const keys = [
			await keyFor(server.store, "ada"),
			await keyFor(server.store, "bob"),
			await keyFor(server.store, "ada"),
		];
		const socket = server.connect();
		const received = collect(socket);
		for (const { Authorization } of keys)
			socket.write(
				`POST /v1/algo/wire/Context HTTP/1.1\r\nHost: a\r\nAuthorization: ${Authorization}\r\n\r\n`,
			);
		const accounts = () =>
			[...received.text.matchAll(/"account":"(\w+)"/g)].map((m) => m[1]);
		await until("all are answered", () => accounts().length === 3);
		socket.destroy();
		expect(accounts()).toEqual(["ada", "bob", "ada"]);
	});

	it("that is the root key acts for the account of the settings", async () => {
		const { body } = await callWith("Simple any text as root key");
		expect(body.result.caller).toEqual({ account: "root" });
	});

	it("works at once when it is new, and not for long when it is revoked", async () => {
		const key = await keyFor(server.store, "ada", {}, "short-lived");
		expect((await server.call("Echo", 1, key)).status).toBe(200);
		await revokeKey(server.store, "short-lived");
		await until("it is refused", async () => {
			const { status, text } = await server.call("Echo", 1, key);
			return status === 401 && text === UNKNOWN;
		});
	});
});

describe("without a key", () => {
	it.each([[undefined], [""], ["   "], ["Simple"], ["simple "]])(
		"(%j) a call is 401, in the original's words",
		async (authorization) => {
			const { status, text, headers } = await callWith(authorization);
			expect([status, text]).toEqual([401, NO_KEY]);
			expect(headers["content-type"]).toMatch(/^application\/json/);
			expect(headers["x-error-message"]).toBe("authorization required");
			expect(headers["x-request-id"]).toMatch(/^req-/);
		},
	);

	it("health and numbers are open", async () => {
		for (const path of ["/livez", "/readyz", "/metrics"])
			expect((await server.get(path)).status).toBe(200);
	});
});

describe("a key that is nobody's", () => {
	it.each([
		"simabcd123",
		"Simple simabcd123",
		"Bearer eyJhbGciOiJSUzI1NiJ9.e30.x",
		"bearer any text as root key",
		"Bearer",
		"Basic YWRhOng=",
		"Simple Simple any text as root key",
		"any text as root key and more",
		"Simple any%20text%20as%20root%20key",
		"ANY TEXT AS ROOT KEY",
		"'any text as root key'",
		"Simple,any text as root key",
		"x".repeat(8000),
	])("is 401 with code 2002: %s", async (authorization) => {
		const { status, text, headers } = await callWith(authorization);
		expect([status, text]).toEqual([401, UNKNOWN]);
		expect(headers["x-error-message"]).toBe("Unknown or invalid API key.");
	});

	it("is refused before its body is read, and a client that still writes sees the answer", async () => {
		const part = Buffer.alloc(64 * 1024, "x");
		const parts = 128;
		const errors: Error[] = [];
		const socket = server.connect();
		socket.on("error", (error) => errors.push(error));
		const received = collect(socket);
		socket.write(
			head(
				"/v1/algo/wire/Echo",
				"Authorization: Simple simabcd123",
				"Content-Type: text/plain",
				`Content-Length: ${part.length * parts}`,
			),
		);
		await until("it is answered", () => received.text.endsWith("}}"));
		for (let i = 0; i < parts; i++)
			await new Promise((resolve) => socket.write(part, resolve));
		await until("the server has ended it", () => socket.readableEnded);
		expect(errors).toEqual([]);
		expect(parseAnswer(received.text)).toMatchObject({
			status: 401,
			body: UNKNOWN,
		});
	});
});
