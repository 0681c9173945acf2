import { beforeAll, describe, expect, test } from "vitest";
import { ADMIN_RIGHTS } from "../../../src/index.ts";
import { ask } from "../../support/ask.ts";
import { until } from "../../support/until.ts";
import { keyFor } from "../keys.ts";
import { shareServer } from "../support.ts";

const server = shareServer({ auth: "keys", rootKey: "root", account: "root" });
type Key = { Authorization: string };
let ada: Key;
let bob: Key;
let narrow: Key;
beforeAll(async () => {
	ada = await keyFor(server.store, "ada");
	bob = await keyFor(server.store, "bob");
	narrow = await keyFor(server.store, "ada", {
		algorithms: ["algo://wire/Echo"],
		data: "none",
	});
});

const send = (
	method: string,
	path: string,
	key: Record<string, string>,
	body = "",
) =>
	ask(server.url, method, `/v1/jobs${path}`, body, {
		...key,
		...(path.startsWith("?algorithm") && {
			"content-type": "application/x-ndjson",
		}),
	});
const make = (key: Record<string, string>, name = "Echo") =>
	send("POST", `?algorithm=wire/${name}`, key, "1\n");

const PATHS: [string, string][] = [
	["GET", ""],
	["POST", "/cancel"],
	["POST", "/resume"],
	["POST", "/retry"],
	["GET", "/output"],
	["GET", "/errors"],
	["GET", "/events"],
	["DELETE", ""],
];

test("without a key there are no jobs", async () => {
	expect((await make({})).status).toBe(401);
	expect((await send("GET", "", {})).status).toBe(401);
	for (const [method, path] of PATHS)
		expect((await send(method, `/x${path}`, {})).status).toBe(401);
});

describe("a job", () => {
	let id: string;
	beforeAll(async () => {
		id = JSON.parse((await make(ada)).text).id;
		await until("it has finished", async () => {
			const { text } = await send("GET", `/${id}`, ada);
			return JSON.parse(text).finishedAt !== undefined;
		});
	});

	test("is its account's, whichever key made it", async () => {
		expect((await send("GET", `/${id}`, narrow)).status).toBe(200);
		expect((await send("GET", "", narrow)).text).toContain(id);
	});

	test.each(PATHS)("is not there for another: %s %s", async (method, path) => {
		const reply = await send(method, `/${id}${path}`, bob);
		expect(reply.status).toBe(404);
		expect((await send("GET", "", bob)).text).toBe('{"jobs":[]}');
	});
});

describe("a key that allows only some algorithms", () => {
	test("makes jobs of these", async () => {
		expect((await make(narrow)).status).toBe(201);
		expect((await make(narrow, "Throws")).status).toBe(403);
	});

	test("reads no data, if it may not, as a job's input", async () => {
		await ask(server.url, "POST", "/v1/data/.my", '{"name":"box"}', ada);
		await ask(server.url, "PUT", "/v1/data/.my/box/in", "1\n", ada);
		const options = JSON.stringify({
			algorithm: "wire/Echo",
			input: "data://.my/box/in",
		});
		const json = { "content-type": "application/json" };
		const submit = (key: Key) =>
			ask(server.url, "POST", "/v1/jobs", options, { ...key, ...json });
		expect((await submit(ada)).status).toBe(201);
		expect((await submit(narrow)).status).toBe(403);
	});
});

test("an admin key makes none", async () => {
	const admin = await keyFor(server.store, "ada", ADMIN_RIGHTS);
	expect((await make(admin)).status).toBe(403);
});
