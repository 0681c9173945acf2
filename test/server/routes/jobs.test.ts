import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { serverEvents } from "../../../server/server-events.ts";
import type { JobView } from "../../../src/index.ts";
import { ask } from "../../support/ask.ts";
import { until } from "../../support/until.ts";
import { shareServer } from "../support.ts";

const server = shareServer();
const send = (
	method: string,
	path: string,
	body?: string | Buffer | Readable,
	headers?: Record<string, string>,
) => ask(server.url, method, `/v1/jobs${path}`, body, headers);

const NDJSON = { "content-type": "application/x-ndjson" };
const JSON_TYPE = { "content-type": "application/json" };

const submit = (options: object) =>
	send("POST", "", JSON.stringify(options), JSON_TYPE);
const upload = (
	query: string,
	body: string | Buffer | Readable,
	headers: Record<string, string> = NDJSON,
) => send("POST", `?algorithm=wire/${query}`, body, headers);

const show = async (id: string): Promise<JobView> =>
	JSON.parse((await send("GET", `/${id}`)).text);
const list = async (query: string) =>
	JSON.parse((await send("GET", `?${query}`)).text) as {
		jobs: JobView[];
		marker?: string;
	};

const finished = (id: string): Promise<JobView> =>
	until(`job ${id} has finished`, async () => {
		const job = await show(id);
		return job.finishedAt !== undefined && job;
	});

/** @returns its id, once it has finished */
async function done(
	query: string,
	body: string | Buffer | Readable,
	headers: Record<string, string> = NDJSON,
): Promise<string> {
	const reply = await upload(query, body, headers);
	expect(reply.text).toMatch(/^\{"id"/);
	const { id } = JSON.parse(reply.text);
	await finished(id);
	return id;
}

const lines = (...items: unknown[]): string =>
	items.map((item) => `${JSON.stringify(item)}\n`).join("");

const outputOf = async (id: string, path = "output") =>
	(await send("GET", `/${id}/${path}`)).text;

const messageOf = ({ text }: { text: string }): string =>
	JSON.parse(text).error.message;

describe("what is wrong is refused by name", () => {
	const WHOLE = { algorithm: "wire/Echo", input: "data://.my/c/f" };
	test.each([
		[{ algorithm: "wire/Echo" }, /^input is missing/],
		[{ input: "data://.my/c/f" }, /^algorithm is missing/],
		[{ algorithm: "wire/Echo", maxerrors: 1 }, /did you mean maxErrors/],
		[{ ...WHOLE, concurrency: 0 }, /^concurrency is 0; it must be a whole n/],
		[{ ...WHOLE, maxAttempts: 1.5 }, /^maxAttempts is 1.5; it must be a who/],
		[{ ...WHOLE, maxErrors: -1 }, /^maxErrors is -1; it must be a whole num/],
		[{ ...WHOLE, timeoutSeconds: 9999 }, /^timeoutSeconds is 9999; .* 3000/],
		[{ ...WHOLE, label: "x".repeat(201) }, /^label is .* at most 200 charac/],
	])("in a body: %j", async (options, message) => {
		const reply = await submit(options);
		expect(reply.status).toBe(400);
		expect(messageOf(reply)).toMatch(message);
		expect(reply.headers["x-request-id"]).toBeDefined();
	});

	test.each([
		["", JSON_TYPE, "{", 400, /^the body is no JSON/],
		["", JSON_TYPE, " ".repeat(70_000), 400, /more than 65536 bytes/],
		["", NDJSON, "1\n", 400, /^algorithm is missing.*in the query/],
		["?format=csv", JSON_TYPE, "[]", 400, /^algorithm is missing/],
		["?algorithm=a/B&fromat=csv", NDJSON, "1", 400, /did you mean format/],
		[
			"?algorithm=wire/Echo&maxAttempts=0",
			NDJSON,
			"1",
			400,
			/^maxAttempts is 0/,
		],
		[
			"?algorithm=a/B",
			{ "content-type": "application/octet-stream" },
			"1",
			415,
			/octet-stream.*application\/x-ndjson, .*format=ndjson, csv/,
		],
		["?algorithm=a/B", {}, "1", 415, /format=/],
		[
			"?algorithm=a/B",
			{ ...NDJSON, "content-encoding": "br" },
			"1",
			400,
			/unsupported Content-Encoding 'br'/,
		],
	] as [string, Record<string, string>, string, number, RegExp][])(
		"in POST /v1/jobs%s with %j",
		async (query, headers, body, status, message) => {
			const reply = await send("POST", query, body, headers);
			expect(reply.status).toBe(status);
			expect(messageOf(reply)).toMatch(message);
		},
	);

	test.each([
		["?status=done", /^status is 'done'; it must be one of queued/],
		["?limit=1001", /^limit is '1001'; it must be a whole number from 1 to/],
		["?algorithm=x", /"x" names no algorithm/],
		["/x/errors?inputs=all", /^inputs is 'all'; it must be only/],
	])("in GET /v1/jobs%s", async (path, message) => {
		const reply = await send("GET", path);
		expect(reply.status).toBe(400);
		expect(messageOf(reply)).toMatch(message);
	});

	test("while the input is still being sent, and the sender sees the answer", async () => {
		const chunk = Buffer.alloc(1_000_000, "1");
		const chunks = Readable.from(Array.from({ length: 20 }, () => chunk));
		const reply = await upload("Echo&format=xml", chunks);
		expect(reply.status).toBe(400);
		expect(messageOf(reply)).toMatch(/^format is "xml"/);
	});
});

test.each([
	["GET", ""],
	["POST", "/cancel"],
	["POST", "/resume"],
	["POST", "/retry"],
	["GET", "/output"],
	["GET", "/errors"],
	["GET", "/events"],
	["DELETE", ""],
])("%s /v1/jobs/ID%s of no job is 404", async (method, path) => {
	const reply = await send(method, `/nosuch${path}`);
	expect(reply.status).toBe(404);
	expect(messageOf(reply)).toContain("nosuch");
});

describe("a job over a stored file", () => {
	beforeAll(async () => {
		await ask(server.url, "POST", "/v1/data/.my", '{"name":"box"}');
		await ask(server.url, "PUT", "/v1/data/.my/box/in.ndjson", "1\n2\n");
	});

	test("is made, runs, and can be asked for", async () => {
		const reply = await submit({
			algorithm: "wire/Echo",
			input: "data://.my/box/in.ndjson",
			label: "nightly",
			metadata: { run: 7 },
		});
		expect(reply.status).toBe(201);
		const made = JSON.parse(reply.text);
		expect(reply.headers.location).toBe(`/v1/jobs/${made.id}`);
		expect(made).toMatchObject({
			algorithm: "wire/Echo/1.0.0",
			format: "ndjson",
			label: "nightly",
			metadata: { run: 7 },
		});
		const job = await finished(made.id);
		expect(job).toMatchObject({
			status: "completed",
			items: { total: 2, succeeded: 2, failed: 0, pending: 0 },
			output: `/v1/jobs/${made.id}/output`,
			errors: `/v1/jobs/${made.id}/errors`,
		});
		expect(await outputOf(made.id)).toBe(
			'{"index":0,"result":1}\n{"index":1,"result":2}\n',
		);
	});

	test("needs the file, and the algorithm", async () => {
		const input = "data://.my/box/in.ndjson";
		const noFile = await submit({
			algorithm: "wire/Echo",
			input: "data://.my/box/none",
		});
		expect(noFile.status).toBe(404);
		const noAlgorithm = await submit({ algorithm: "wire/Nothing", input });
		expect(noAlgorithm.status).toBe(404);
		expect(messageOf(noAlgorithm)).toContain("wire/Nothing");
	});
});

describe("a job over its request's body", () => {
	test.each([
		["application/x-ndjson; charset=utf-8", "1\n2\n", ["1", "2"]],
		["text/csv", "a,b\n1,x\n", ['{"a":"1","b":"x"}']],
		["application/json", "[1,\n[2]]", ["1", "[2]"]],
		["text/plain", "one\ntwo\n", ['"one"', '"two"']],
	])("of type %s has these items: %j", async (type, body, results) => {
		const id = await done("Echo", body, { "content-type": type });
		expect(await outputOf(id)).toBe(
			results
				.map((result, index) => `{"index":${index},"result":${result}}\n`)
				.join(""),
		);
	});

	test("of any type is read as the query says", async () => {
		const id = await done("Echo&format=csv&csvTypes=infer", "a\n1\n", {
			"content-type": "application/x-www-form-urlencoded",
		});
		expect(await outputOf(id)).toBe('{"index":0,"result":{"a":1}}\n');
	});

	test("may be packed, and so may its output", async () => {
		const id = await done("Echo", gzipSync("1\n2\n"), {
			...NDJSON,
			"content-encoding": "gzip",
		});
		const reply = await send("GET", `/${id}/output`, "", {
			"accept-encoding": "gzip",
		});
		expect(reply.headers["content-encoding"]).toBe("gzip");
		expect(gunzipSync(reply.bytes).toString()).toBe(await outputOf(id));
	});

	test("may be beyond the limit of a call's input, without a length", async () => {
		const line = lines("x".repeat(99_997));
		const body = Readable.from(
			Array.from({ length: 120 }, () => Buffer.from(line)),
		);
		const id = await done("Echo", body);
		expect((await show(id)).items.succeeded).toBe(120);
		expect((await outputOf(id)).length).toBeGreaterThan(12_000_000);
	});

	test("may be empty", async () => {
		const id = await done("Echo", "");
		expect(await show(id)).toMatchObject({
			status: "completed",
			items: { total: 0 },
		});
		expect(await outputOf(id)).toBe("");
	});

	test("takes its options from the query", async () => {
		const id = await done(
			`Echo&label=a%20b&metadata=${encodeURIComponent('{"run":7}')}`,
			"1\n",
		);
		expect(await show(id)).toMatchObject({
			label: "a b",
			metadata: { run: 7 },
		});
	});

	test("that is cut off makes none", async () => {
		const socket = server.connect();
		const { jobs } = await list("");
		socket.write(
			"POST /v1/jobs?algorithm=wire/Echo HTTP/1.1\r\nHost: x\r\nX-Request-Id: cut-job\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100\r\n\r\n1\n",
		);
		socket.end();
		await until("the server knows", () =>
			server.log.some(
				({ code, requestId }) =>
					code === "CLIENT_GONE" && requestId === "cut-job",
			),
		);
		expect((await list("")).jobs).toEqual(jobs);
	});
});

describe("the errors of a job", () => {
	let id: string;
	beforeAll(async () => {
		id = await done(
			"Throws&maxAttempts=1",
			lines({ what: "error" }, { what: "text" }),
		);
	});

	test("come with their inputs", async () => {
		const errors = (await outputOf(id, "errors")).trimEnd().split("\n");
		expect(errors.map((line) => JSON.parse(line))).toEqual([
			{
				index: 0,
				input: { what: "error" },
				error: expect.objectContaining({ message: "too far" }),
			},
			{
				index: 1,
				input: { what: "text" },
				error: expect.objectContaining({ message: "just a text" }),
			},
		]);
	});

	test("may be asked for as bare inputs, which make another job", async () => {
		const inputs = await outputOf(id, "errors?inputs=only");
		expect(inputs).toBe(lines({ what: "error" }, { what: "text" }));
		const again = await done("Echo", inputs);
		expect((await show(again)).items.succeeded).toBe(2);
	});
});

describe("jobs are listed", () => {
	test("newest first, a page at a time, by algorithm and status", async () => {
		const first = await done("Versions&label=first", "1\n");
		const second = await done("Versions&label=second", "1\n");
		const query = "algorithm=wire/Versions&status=completed&limit=1";
		const page = await list(query);
		expect(page.jobs.map(({ id }) => id)).toEqual([second]);
		const rest = await list(
			`${query}&marker=${encodeURIComponent(page.marker ?? "")}`,
		);
		expect(rest.jobs.map(({ id }) => id)).toEqual([first]);
		expect(rest.marker).toBeUndefined();
		expect(await list(`${query}&status=failed`)).toEqual({ jobs: [] });
	});
});

describe("a job on its way", () => {
	const eventsOf = async (id: string) => {
		const response = await fetch(`${server.url}/v1/jobs/${id}/events`);
		const { body, headers } = response;
		if (!body) throw new Error("there is no body");
		return { headers, events: serverEvents(body) };
	};
	const start = async (items: number): Promise<string> => {
		const waits = Array.from({ length: items }, () => 100);
		const reply = await upload("Wait&concurrency=1", lines(...waits));
		return JSON.parse(reply.text).id;
	};

	test("is watched: progress at once, finished at the end, and then it is over", async () => {
		const id = await start(3);
		const watched = await eventsOf(id);
		expect(watched.headers.get("content-type")).toBe("text/event-stream");
		expect(watched.headers.get("x-request-id")).not.toBeNull();
		const events: { event: string; data: unknown }[] = [];
		for await (const event of watched.events) events.push(event);
		expect(events[0]?.event).toBe("progress");
		expect(events.at(-1)).toMatchObject({
			event: "finished",
			data: { id, status: "completed", items: { succeeded: 3 } },
		});
		expect(events.filter(({ event }) => event === "finished")).toHaveLength(1);
	});

	test("that has finished is told at once", async () => {
		const id = await done("Echo", "1\n");
		const response = await fetch(`${server.url}/v1/jobs/${id}/events`);
		expect(await response.text()).toMatch(/event: finished\ndata: .*\n\n$/);
	});

	test("goes on when nobody watches any more", async () => {
		const id = await start(5);
		const { events } = await eventsOf(id);
		for await (const { event } of events) {
			expect(event).toBe("progress");
			break; // which hangs up
		}
		expect((await finished(id)).items.succeeded).toBe(5);
	});

	test("can be cancelled, not deleted, resumed, and deleted when it has finished", async () => {
		const id = await start(100);
		const running = await send("DELETE", `/${id}`);
		expect(running.status).toBe(409);
		const cancel = await send("POST", `/${id}/cancel`);
		expect(cancel.status).toBe(200);
		expect(JSON.parse(cancel.text).status).toMatch(/^cancell(ing|ed)$/);
		expect((await finished(id)).status).toBe("cancelled");
		expect((await send("POST", `/${id}/cancel`)).status).toBe(200);
		const resume = await send("POST", `/${id}/resume`);
		expect(resume.status).toBe(200);
		expect(JSON.parse(resume.text).status).toMatch(/^(queued|running)$/);
		await send("POST", `/${id}/cancel`);
		await finished(id);
		const deleted = await send("DELETE", `/${id}`);
		expect([deleted.status, deleted.text]).toEqual([204, ""]);
		expect((await send("GET", `/${id}`)).status).toBe(404);
	});

	test("of which items failed is tried again", async () => {
		const id = await done("Throws&maxAttempts=1", lines({ what: "error" }));
		const reply = await send("POST", `/${id}/retry`);
		expect(reply.status).toBe(200);
		expect((await finished(id)).items).toMatchObject({ failed: 1 });
	});
});
