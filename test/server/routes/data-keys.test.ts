import { beforeAll, describe, expect, test } from "vitest";
import type { Rights } from "../../../src/index.ts";
import { ask } from "../../support/ask.ts";
import { keyFor } from "../keys.ts";
import { shareServer } from "../support.ts";

const server = shareServer({ auth: "keys" });
const send = async (
	key: { Authorization: string } | undefined,
	method: string,
	path: string,
	body = "",
) => {
	const reply = await ask(server.url, method, `/v1/data/${path}`, body, key);
	return { ...reply, error: JSON.parse(reply.text || "{}").error };
};
const keyOf = (account: string, data: Rights["data"] = "write") =>
	keyFor(server.store, account, { data });

let ada: { Authorization: string };
let bob: { Authorization: string };
beforeAll(async () => {
	ada = await keyOf("ada");
	bob = await keyOf("bob");
	for (const [name, read] of [
		["open", ["user://*"]],
		["closed", []],
	]) {
		const body = JSON.stringify({ name, acl: { read } });
		await send(ada, "POST", ".my", body);
		await send(ada, "PUT", `.my/${name}/x`, "x");
	}
});

describe("data asked for with keys", () => {
	test("needs one", async () => {
		const reply = await send(undefined, "GET", ".my/open/x");
		expect(reply.status).toBe(401);
		expect(reply.error).toEqual({ message: "authorization required" });
		const refused = await send(undefined, "PUT", ".my/open/x", "y");
		expect(refused.status).toBe(401);
	});

	test("is the account's own under .my", async () => {
		expect((await send(ada, "HEAD", ".my/closed/x")).status).toBe(200);
		expect((await send(bob, "HEAD", ".my/closed/x")).status).toBe(404);
		const roots = await send(bob, "GET", "");
		expect(JSON.parse(roots.text).folders).toEqual([{ name: "bob" }]);
	});

	test("is read by others if it is public, else not known to them", async () => {
		expect((await send(bob, "HEAD", "ada/open/x")).status).toBe(200);
		for (const method of ["GET", "PUT", "DELETE"]) {
			const reply = await send(bob, method, "ada/closed/x");
			expect(reply.status).toBe(404);
			expect(reply.error).toEqual({ message: "path not found" });
		}
		const denied = await send(bob, "PUT", "ada/open/x", "y");
		expect([denied.status, denied.error.code]).toEqual([403, 2001]);
	});

	test("needs a key with the right to it", async () => {
		const reader = await keyOf("ada", "read");
		expect((await send(reader, "HEAD", ".my/closed/x")).status).toBe(200);
		const none = await keyOf("ada", "none");
		for (const [key, method] of [
			[reader, "PUT"],
			[reader, "DELETE"],
			[none, "GET"],
		] as const) {
			const { status, error } = await send(key, method, ".my/closed/x");
			expect([status, error.code]).toEqual([403, 2001]);
		}
	});
});
