import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestServer } from "../../support/app.ts";
import { ask } from "../../support/ask.ts";
import { until } from "../../support/until.ts";
import { keyFor } from "../keys.ts";

type Headers = Record<string, string>;

let server: TestServer;
let ada: Headers;
let bob: Headers;
let operator: Headers;
let unmanaging: Headers;
let narrow: Headers;

beforeAll(async () => {
	server = await startApp({ auth: "keys", maxTimeoutSeconds: 1000 });
	ada = await keyFor(server.store, "ada");
	bob = await keyFor(server.store, "bob");
	operator = await keyFor(server.store, "root", {
		algorithms: [],
		admin: true,
		manage: false,
	});
	unmanaging = await keyFor(server.store, "ada", { manage: false });
	narrow = await keyFor(server.store, "ada", {
		algorithms: ["algo://wire/Echo"],
	});
});
afterAll(() => server.close());

const URL_OF_ADA = "/v1/users/ada/event-listeners";
const QUEUE = "http://127.0.0.1:1/000000000000/moods";
const fields = {
	sourceType: "AmazonSQS",
	sourceURI: QUEUE,
	algoOwner: "wire",
	algoName: "Echo",
	credentials: "AKID:se/cr+et",
};

const send = async (
	method: string,
	url: string,
	headers: Headers,
	body?: unknown,
) => {
	const text = body === undefined ? "" : JSON.stringify(body);
	const type = { "content-type": "application/json" };
	const reply = await ask(server.url, method, url, text, {
		...headers,
		...type,
	});
	return { status: reply.status, body: JSON.parse(reply.text) };
};
const make = (more: object = {}, headers = ada, url = URL_OF_ADA) =>
	send("POST", url, headers, { ...fields, ...more });
const made = async (more: object = {}) => {
	const { status, body } = await make(more);
	expect([status, body.error]).toEqual([200, undefined]);
	return body;
};
const rowOf = async (id: string) =>
	(await server.store.listeners.all()).find((row) => row.id === id);

describe("a listener made over the API", () => {
	test("is shown with its defaults, and never with its credentials", async () => {
		const listener = await made();
		expect(listener).toEqual({
			...fields,
			id: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
			algoVersion: "",
			algoTimeoutSeconds: 420,
			listenerOwner: "ada",
			credentials: "********",
		});
		const one = `${URL_OF_ADA}/${listener.id}`;
		expect((await send("GET", one, ada)).body).toEqual(listener);
		const { body } = await send("GET", URL_OF_ADA, ada);
		expect(body).toMatchObject({ marker: null, next_link: null });
		expect(body.results).toContainEqual(listener);
	});

	test("is one of /v1/listeners, by its id, and is paused there", async () => {
		const { id } = await made();
		const url = `/v1/listeners/${id}`;
		const { body } = await send("GET", url, ada);
		expect(body).toMatchObject({ name: id, algorithm: "wire/Echo" });
		expect((await send("GET", url, bob)).status).toBe(404);
		const paused = await send("POST", `${url}/pause`, ada);
		expect(paused.body.status).toBe("paused");
	});

	test("is replaced as a whole; the mask means the credentials that are there", async () => {
		const { id } = await made({ algoTimeoutSeconds: 60 });
		const one = `${URL_OF_ADA}/${id}`;
		const { body: shown } = await send("GET", one, ada);
		const changed = await send("PUT", one, ada, {
			...shown,
			sourceURI: `${QUEUE}2`,
			algoVersion: "1.0.0",
		});
		expect(changed).toEqual({
			status: 200,
			body: { ...shown, sourceURI: `${QUEUE}2`, algoVersion: "1.0.0" },
		});
		expect(await rowOf(id)).toMatchObject({
			credentials: fields.credentials,
		});
		await until("the new one runs", async () => {
			const { body } = await send("GET", `/v1/listeners/${id}`, ada);
			return body.algorithm === "wire/Echo/1.0.0";
		});
		const elsewhere = await send("PUT", one, ada, {
			...shown,
			sourceURI: "http://127.0.0.1:2/000000000000/moods",
		});
		expect([elsewhere.status, elsewhere.body.error.message]).toEqual([
			400,
			"credentials is the mask, and sourceURI is on another server than before; give the credentials for that one",
		]);
		const bare = await send("PUT", one, ada, fields);
		expect(bare.body).toMatchObject({ algoTimeoutSeconds: 420 });
	});

	test("is deleted, and is nowhere then", async () => {
		const { id } = await made();
		const one = `${URL_OF_ADA}/${id}`;
		await send("POST", `/v1/listeners/${id}/pause`, ada);
		expect(await send("DELETE", one, ada)).toEqual({ status: 200, body: {} });
		for (const method of ["GET", "DELETE"]) {
			const { status, body } = await send(method, one, ada);
			expect([status, body.error.message]).toEqual([
				404,
				`event listener ${id} not found`,
			]);
		}
		expect((await send("PUT", one, ada, fields)).status).toBe(404);
		expect((await send("GET", `/v1/listeners/${id}`, ada)).status).toBe(404);
		expect(await server.store.listeners.paused()).not.toContain(id);
	});

	test("is listed a page at a time", async () => {
		const url = "/v1/users/bob/event-listeners";
		const ids: string[] = [];
		for (let i = 0; i < 3; i++) ids.push((await make({}, bob, url)).body.id);
		const first = await send("GET", `${url}?limit=2`, bob);
		expect(first.body.results).toHaveLength(2);
		expect(first.body.next_link).toBe(
			`${url}?limit=2&marker=${first.body.marker}`,
		);
		const rest = await send("GET", first.body.next_link, bob);
		expect(rest.body).toMatchObject({ marker: null, next_link: null });
		const found = [...first.body.results, ...rest.body.results];
		expect(found.map(({ id }) => id)).toEqual(ids.sort());
		const clamped = await send("GET", `${url}?limit=1000`, bob);
		expect(clamped.body.results).toHaveLength(3);
		const bad = await send("GET", `${url}?limit=0`, bob);
		expect([bad.status, bad.body.error.code]).toEqual([400, 5003]);
		const marker = await send("GET", `${url}?marker=x`, bob);
		expect([marker.status, marker.body.error.code]).toEqual([400, 5002]);
	});
});

describe("what is wrong with it is said by field", () => {
	test.each([
		[
			{ sourceType: undefined },
			'"sourceType" is missing; it must be one of AmazonSQS, Kafka, AMQP',
		],
		[
			{ sourceType: "AzureSB" },
			'"sourceType" is "AzureSB"; it must be one of AmazonSQS, Kafka, AMQP; no other is implemented',
		],
		[{ sourceType: "Internal" }, '"sourceType" is "Internal"'],
		[{ sourceURI: null }, '"sourceURI" is missing'],
		[
			{ sourceURI: 5 },
			'"sourceURI" is 5; it must be the address of a queue or topic',
		],
		[{ sourceURI: `${QUEUE}${"x".repeat(255)}` }, "at most 255 characters"],
		[
			{ sourceURI: "sqs://x/y" },
			'"sourceURI" is "sqs://x/y"; it must be the URL of a queue',
		],
		[{ sourceURI: "http://a:se/cr+et@host/q" }, '"sourceURI" is'],
		[{ sourceURI: "http://a:secret@host/q" }, "sourceURI has a user in it"],
		[
			{ algoOwner: "" },
			'"algoOwner" is missing; it must be an account\'s name',
		],
		[
			{ algoName: "x y" },
			'"algoName" is "x y"; it must be an algorithm\'s name',
		],
		[
			{ algoVersion: "one" },
			'"algoVersion" is "one"; it must be a version such as 1.0.5',
		],
		[
			{ algoTimeoutSeconds: 1001 },
			'"algoTimeoutSeconds" is 1001; it must be a whole number from 1 to 1000',
		],
		[{ algoTimeoutSeconds: "60" }, '"algoTimeoutSeconds" is "60"'],
		[
			{ credentials: undefined },
			"credentials is missing; give ACCESS_KEY_ID:SECRET_ACCESS_KEY: only operators may use the server's own",
		],
		[
			{ credentials: "s3cret" },
			"credentials must be ACCESS_KEY_ID:SECRET_ACCESS_KEY",
		],
		[{ credentials: "a:b:c:d" }, "credentials must be"],
		[
			{ credentials: "arn:aws:iam::1:role/x" },
			"to take on a role is not implemented; give ACCESS_KEY_ID",
		],
		[{ credentials: "********" }, "credentials is the mask"],
		[{ algoNmae: "x" }, 'unknown key "algoNmae"; did you mean "algoName"?'],
	])("%j", async (more, message) => {
		const { status, body } = await make(more);
		expect([status, body.error?.code]).toEqual([400, 6001]);
		expect(body.error.message).toContain(message);
		expect(body.error.message).not.toContain("s3cret");
	});

	test("a body that is no JSON, or no object", async () => {
		const { status, text } = await ask(
			server.url,
			"POST",
			URL_OF_ADA,
			"{",
			ada,
		);
		expect([status, JSON.parse(text).error.code]).toEqual([400, 2013]);
		const { body } = await send("POST", URL_OF_ADA, ada, [1]);
		expect(body.error.message).toMatch(/the body must be a JSON object/);
	});

	test("an algorithm that is not there, or not for this key", async () => {
		expect((await make({ algoName: "Nobody" })).status).toBe(404);
		expect((await make({ algoName: "Wait" }, narrow)).status).toBe(403);
		expect((await make({}, narrow)).status).toBe(200);
	});
});

describe("is for whoever may manage the account", () => {
	test.each(["GET", "POST"])("%s", async (method) => {
		const body = method === "POST" ? fields : undefined;
		expect((await send(method, URL_OF_ADA, {}, body)).status).toBe(401);
		for (const key of [bob, unmanaging]) {
			const { status, body: answer } = await send(
				method,
				URL_OF_ADA,
				key,
				body,
			);
			expect([status, answer.error.code]).toEqual([403, 2001]);
		}
		expect((await send(method, URL_OF_ADA, operator, body)).status).toBe(200);
	});

	test.each(["GET", "PUT", "DELETE"])("%s of one", async (method) => {
		const { id } = await made();
		const body = method === "PUT" ? fields : undefined;
		const url = `${URL_OF_ADA}/${id}`;
		expect((await send(method, url, {}, body)).status).toBe(401);
		expect((await send(method, url, bob, body)).status).toBe(403);
		expect((await send(method, url, unmanaging, body)).status).toBe(403);
		const inBobs = url.replace("ada", "bob");
		expect((await send(method, inBobs, bob, body)).status).toBe(404);
		expect((await send(method, url, operator, body)).status).toBe(200);
	});

	test("operators may let the server's own identity be used", async () => {
		const { status, body } = await make({ credentials: undefined }, operator);
		expect(status).toBe(200);
		expect(body).toMatchObject({ listenerOwner: "ada" });
		expect(body).not.toHaveProperty("credentials");
	});
});
