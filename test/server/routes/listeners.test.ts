import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ListenerView } from "../../../src/index.ts";
import { startApp, type TestServer } from "../../support/app.ts";
import { ask } from "../../support/ask.ts";
import { until } from "../../support/until.ts";
import { keyFor } from "../keys.ts";

type Headers = Record<string, string>;

/** Nobody answers there. */
const source = { type: "amqp", url: "amqp://127.0.0.1:1/", queue: "q" };
const listener = (name: string, more: object = {}) => ({
	name,
	algorithm: "wire/Echo",
	source,
	...more,
});

let server: TestServer;
let folder: string;
let file: string;
let ada: Headers;
let bob: Headers;
let operator: Headers;
let narrow: Headers;

const save = (...listeners: object[]) =>
	writeFile(file, JSON.stringify({ listeners }));
const get = async (path: string, headers: Headers) => {
	const { status, text } = await ask(server.url, "GET", path, "", headers);
	return { status, body: JSON.parse(text) };
};
const post = async (path: string, headers: Headers) => {
	const { status, text } = await ask(server.url, "POST", path, "", headers);
	return { status, body: JSON.parse(text) };
};
const list = async (headers: Headers): Promise<ListenerView[]> =>
	(await get("/v1/listeners", headers)).body.listeners;
const names = async (headers: Headers) =>
	(await list(headers)).map(({ name }) => name);
const faults = () =>
	server.log
		.filter(({ msg, where }) => msg === "fault" && where === "listeners")
		.map(({ err }) => String((err as { message: string }).message));

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	file = join(folder, "listeners.json");
	await save(
		listener("moods", { account: "ada" }),
		listener("words", { account: "Bob" }),
	);
	server = await startApp({ listeners: file, auth: "keys" });
	ada = await keyFor(server.store, "ada");
	bob = await keyFor(server.store, "bob");
	narrow = await keyFor(server.store, "ada", { manage: false });
	operator = await keyFor(server.store, "root", {
		admin: true,
		manage: false,
	});
});
afterAll(async () => {
	await server.close();
	await rm(folder, { recursive: true });
});

describe("GET /v1/listeners", () => {
	test("wants a key", async () => {
		expect((await get("/v1/listeners", {})).status).toBe(401);
	});

	test("shows what each has done, and why one does not go on", async () => {
		const [view] = await until("it has been tried", async () => {
			const views = await list(ada);
			return views[0]?.status === "failing" && views;
		});
		expect(view).toEqual({
			name: "moods",
			algorithm: "wire/Echo",
			status: "failing",
			inFlight: 0,
			succeeded: 0,
			failed: 0,
			retried: 0,
			dead: 0,
			error: expect.any(String),
		});
		expect((await get("/v1/listeners/moods", ada)).body.name).toBe("moods");
		expect(server.log).toContainEqual(
			expect.objectContaining({
				level: "warn",
				msg: "listener",
				listener: "moods",
				change: "failing",
			}),
		);
	});

	test("shows those of the caller's account, and operators all", async () => {
		expect(await names(ada)).toEqual(["moods"]);
		expect(await names(bob)).toEqual(["words"]);
		expect(await names(operator)).toEqual(["moods", "words"]);
		const { status, body } = await get("/v1/listeners/words", ada);
		expect([status, body.error.message]).toEqual([
			404,
			"listener words not found",
		]);
	});
});

describe("POST /v1/listeners/NAME/…", () => {
	test("pauses and resumes", async () => {
		const paused = await post("/v1/listeners/moods/pause", ada);
		expect([paused.status, paused.body.status]).toEqual([200, "paused"]);
		expect(await server.store.listeners.paused()).toEqual(["moods"]);
		const again = await post("/v1/listeners/moods/pause", operator);
		expect([again.status, again.body.status]).toEqual([200, "paused"]);
		const resumed = await post("/v1/listeners/moods/resume", ada);
		expect(resumed.status).toBe(200);
		expect(resumed.body.status).not.toBe("paused");
		expect(await server.store.listeners.paused()).toEqual([]);
	});

	test.each(["pause", "resume", "redrive"])(
		"%s is for those who may manage, and not for others",
		async (change) => {
			const url = `/v1/listeners/moods/${change}`;
			expect((await post(url, narrow)).status).toBe(403);
			expect((await post(url, bob)).status).toBe(404);
			expect((await post(url, {})).status).toBe(401);
		},
	);
});

test("GET /metrics has numbers of each", async () => {
	const { text } = await ask(server.url, "GET", "/metrics");
	for (const line of [
		'applyd_listener_messages_total{listener="moods",outcome="succeeded"} 0',
		'applyd_listener_messages_total{listener="moods",outcome="dead"} 0',
		'applyd_listener_failed_attempts_total{listener="words"} 0',
		'applyd_listener_retries_total{listener="words"} 0',
		'applyd_listener_up{listener="words"} 0',
		'applyd_listener_in_flight{listener="words"} 0',
		'applyd_listener_oldest_seconds{listener="words"} 0',
	])
		expect(text).toContain(`${line}\n`);
	expect(text).not.toContain("applyd_listener_lag{");
});

describe("a change of the listeners file", () => {
	test("counts without a restart", async () => {
		await post("/v1/listeners/moods/pause", ada);
		await save(
			listener("moods", { account: "ada", algorithm: "wire/Other" }),
			listener("new", { account: "ada" }),
		);
		await until(
			"the file has been read",
			async () => (await names(operator)).join() === "moods,new",
		);
		const changed = await until("it is another", async () => {
			const [view] = await list(ada);
			return view?.algorithm === "wire/Other" && view;
		});
		expect(changed.status).toBe("paused");
		await post("/v1/listeners/moods/resume", ada);
	});

	test("that is wrong changes nothing, and the log says why, once", async () => {
		const before = await names(operator);
		const told = faults().length;
		await save(listener("moods", { ack: "never" }));
		await until("the log says so", () => faults().length > told);
		expect(faults().at(-1)).toBe(
			`${file}: listeners[0] "moods": "ack" is "never"; it must be one of done, accepted; the listeners stay as they were`,
		);
		expect(await names(operator)).toEqual(before);
		await rm(file);
		await until("the log says that it is gone", () =>
			faults().at(-1)?.includes("cannot be read"),
		);
		expect(faults()).toHaveLength(told + 2);
		expect(await names(operator)).toEqual(before);
		await save(listener("last"));
		await until(
			"it is back",
			async () => (await names(operator)).join() === "last",
		);
		expect(faults()).toHaveLength(told + 2);
	});
});
