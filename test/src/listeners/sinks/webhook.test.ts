import { once } from "node:events";
import {
	createServer,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sink, Undeliverable } from "../../../../src/listeners/sink.ts";
import {
	openWebhook,
	type Patience,
} from "../../../../src/listeners/sinks/webhook.ts";
import { secretFault } from "../../../../src/listeners/sinks/webhook-signature.ts";
import { until } from "../../../support/until.ts";
import { ids, letter } from "./place.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const QUICK: Patience = { answerMs: 30_000, triesMs: 500, delayMs: 1 };

interface Got {
	headers: Record<string, string>;
	body: string;
}

let server: Server;
let got: Got[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let sink: Sink | undefined;
beforeEach(async () => {
	got = [];
	answer = (response) => response.end();
	server = createServer(async (request, response) => {
		const body = String(await buffer(request));
		got.push({ headers: request.headers as Got["headers"], body });
		answer(response, request);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
});
afterEach(async () => {
	await sink?.close();
	server.closeAllConnections();
	server.close();
});

const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
function open(patience: Partial<Patience> = {}): Sink {
	const url = `http://${host()}/hook?token=hidden`;
	sink = openWebhook(
		{ type: "webhook", url, secret: SECRET },
		{ ...QUICK, ...patience },
	);
	return sink;
}
const status = (
	code: number,
	headers: Record<string, string> = {},
	text = "",
) => {
	answer = (response) => response.writeHead(code, headers).end(text);
};
/** Each answer once, then 200. */
const statuses = (...codes: [number, Record<string, string>?][]) => {
	answer = (response) => {
		const [code, headers = {}] = codes.shift() ?? [200];
		response.writeHead(code, headers).end();
	};
};

it("posts JSON that the Standard Webhooks library accepts", async () => {
	const sent = letter("a-1", "é");
	await open().put(sent);
	const [{ headers, body } = { headers: {}, body: "" }] = got;
	expect(headers).toMatchObject({
		"content-type": "application/json",
		"webhook-id": "a-1",
	});
	expect(body).toBe(String(sent.body));
	const verified = new Webhook(SECRET).verify(body, headers);
	expect(verified).toEqual({ messageId: "a-1", at: "now", result: "é" });
	const other = new Webhook(Buffer.alloc(32, 8).toString("base64"));
	expect(() => other.verify(body, headers)).toThrow();
});

it.each([
	["topic/0/12", "topic/0/12"],
	["with space\nand é", "with%20space%0Aand%20%C3%A9"],
	["50%", "50%25"],
	["a.b", "a%2Eb"],
	["\ud800", "%EF%BF%BD"],
])("names %j so that a header can have it", async (id, safe) => {
	await open().put(letter(id));
	const [{ headers, body } = { headers: {}, body: "" }] = got;
	expect(headers["webhook-id"]).toBe(safe);
	new Webhook(SECRET).verify(body, headers);
});

it("posts several at once, over 16 connections at most, which are used again", async () => {
	const ports = new Set<number | undefined>();
	let open16: () => void = () => {};
	const all16 = new Promise<void>((resolve) => {
		open16 = resolve;
	});
	answer = async (response, { socket }) => {
		ports.add(socket.remotePort);
		if (ports.size === 16) open16();
		await all16;
		response.end("thanks");
	};
	const webhook = open();
	await Promise.all(ids(1000).map((id) => webhook.put(letter(id))));
	expect(ports.size).toBe(16);
	expect(got.map(({ headers }) => headers["webhook-id"]).sort()).toEqual(
		ids(1000).sort(),
	);
});

describe("tries again", () => {
	it.each([408, 425, 429, 500, 502, 503, 504])("after %i", async (code) => {
		statuses([code], [code]);
		await open().put(letter("a"));
		expect(got).toHaveLength(3);
		for (const { body, headers } of got)
			new Webhook(SECRET).verify(body, headers);
	});

	it("after a connection that was cut, and one that was refused", async () => {
		let cut = 2;
		answer = (response) => (cut-- > 0 ? response.destroy() : response.end());
		const webhook = open({ triesMs: 20_000 });
		await webhook.put(letter("a"));
		const { port } = server.address() as AddressInfo;
		server.closeAllConnections();
		server.close();
		await once(server, "close");
		const putting = webhook.put(letter("b"));
		server.listen(port, "127.0.0.1");
		await putting;
		expect(got).toHaveLength(4);
	});

	it("after a hook that does not answer in time", async () => {
		let silent = 1;
		answer = (response) => {
			if (silent-- <= 0) response.end();
		};
		await open({ answerMs: 100, triesMs: 20_000 }).put(letter("a"));
		expect(got).toHaveLength(2);
	});

	it("no sooner than the hook has asked, in seconds or as a date, other letters neither", async () => {
		const at: number[] = [];
		const codes = [
			[429, "1"],
			[503, new Date(Date.now() + 4000).toUTCString()],
		] as const;
		answer = (response) => {
			const [code, after] = codes[at.push(Date.now()) - 1] ?? [200, ""];
			response.writeHead(code, after ? { "retry-after": after } : {}).end();
		};
		const webhook = open({ triesMs: 20_000 });
		const first = webhook.put(letter("a"));
		await until("it was asked to wait", () => at.length > 0);
		const second = webhook.put(letter("b"));
		await Promise.all([first, second]);
		const [asked = 0, ...later] = at;
		for (const time of later) expect(time - asked).toBeGreaterThanOrEqual(990);
		expect(Math.max(...at)).toBeGreaterThanOrEqual(
			Date.parse(codes[1][1]) - 10,
		);
	});
});

describe("gives up", () => {
	const outcome = async (webhook: Sink): Promise<Error> => {
		const [{ reason } = { reason: undefined }] = (await Promise.allSettled([
			webhook.put(letter("a")),
		])) as PromiseRejectedResult[];
		return reason as Error;
	};

	it("for now, naming the host and the last answer, when a minute has not helped", async () => {
		status(503, {}, "over\nloaded");
		const error = await outcome(open({ triesMs: 50 }));
		expect(error).not.toBeInstanceOf(Undeliverable);
		expect(error.message).toMatch(
			new RegExp(
				`^the webhook at ${host()} answered 503: over loaded; given up for now after \\d+ tries$`,
			),
		);
		expect(got.length).toBeGreaterThan(1);
	});

	it("for now when nobody answers at all", async () => {
		const webhook = open({ triesMs: 50 });
		server.close();
		const error = await outcome(webhook);
		expect(error).not.toBeInstanceOf(Undeliverable);
		expect(error.message).toMatch(
			/did not answer: .*ECONNREFUSED.*given up for now/,
		);
		expect(error.message).not.toContain("hidden");
	});

	it("for now when the hook asks for a longer pause, and does not ask before that is over", async () => {
		status(429, { "retry-after": "3600" });
		const webhook = open();
		for (const tries of [1, 0]) {
			const error = await outcome(webhook);
			expect(error).not.toBeInstanceOf(Undeliverable);
			expect(error.message).toContain(`given up for now after ${tries} tries`);
		}
		expect(got).toHaveLength(1);
	});

	it.each([400, 413, 415, 422])(
		"for good after %i: the letter is refused",
		async (code) => {
			status(code, {}, "no such field");
			const error = await outcome(open());
			expect(error).toBeInstanceOf(Undeliverable);
			expect(error.message).toBe(
				`the webhook at ${host()} answered ${code}: no such field`,
			);
			expect(got).toHaveLength(1);
		},
	);

	it.each([401, 403, 404, 405, 409, 410, 451])(
		"for now after %i: the hook is wrong or gone",
		async (code) => {
			status(code);
			const error = await outcome(open());
			expect(error).not.toBeInstanceOf(Undeliverable);
			expect(error.message).toBe(
				`the webhook at ${host()} answered ${code}; check its url and what it demands`,
			);
			expect(got).toHaveLength(1);
		},
	);

	it.each([301, 302, 307, 308])(
		"for now after %i, without going there",
		async (code) => {
			status(code, { location: `http://${host()}/new` });
			const error = await outcome(open());
			expect(error).not.toBeInstanceOf(Undeliverable);
			expect(error.message).toContain(`has moved to http://${host()}/new`);
			expect(got).toHaveLength(1);
		},
	);

	it("when it is closed, whatever it waits for", async () => {
		answer = () => {};
		const asking = open();
		const puts = Promise.all([outcome(asking), outcome(asking)]);
		await until("both have arrived", () => got.length === 2);
		await asking.close();
		for (const error of await puts)
			expect(error.message).toContain("is closed");
		status(503);
		const pausing = open({ triesMs: 60_000, delayMs: 30_000 });
		const put = outcome(pausing);
		await until("it was refused", () => got.length === 3);
		await pausing.close();
		expect((await put).message).toContain("is closed");
		expect((await outcome(pausing)).message).toContain("is closed");
	});
});

it("reads no more of an answer than it needs, and minds no end of it", async () => {
	let isGone = false;
	answer = (response) => {
		response.on("close", () => {
			isGone = true;
		});
		const write = () => {
			while (!response.destroyed && response.write(Buffer.alloc(65536)));
		};
		response.on("drain", write);
		write();
	};
	await open().put(letter("a"));
	await until("the connection is closed", () => isGone);
	answer = (response) => {
		response.write("half");
	};
	await open({ answerMs: 100 }).put(letter("b"));
	expect(got).toHaveLength(2);
});

describe("a secret", () => {
	it.each([24, 32, 64])("of %i bytes is fine", (bytes) => {
		expect(
			secretFault(`whsec_${Buffer.alloc(bytes, 255).toString("base64")}`),
		).toBeUndefined();
	});

	it.each([
		["", "does not begin so"],
		[Buffer.alloc(32).toString("base64"), "does not begin so"],
		["whsec_", "it has 0 bytes"],
		["whsec_not base64!", "is no base64"],
		[
			`whsec_${Buffer.alloc(32).toString("base64").replace("=", "")}`,
			"is no base64",
		],
		[`whsec_${Buffer.alloc(23).toString("base64")}`, "it has 23 bytes"],
		[`whsec_${Buffer.alloc(65).toString("base64")}`, "it has 65 bytes"],
	])("%j is refused", (secret, why) => {
		expect(secretFault(secret)).toContain(why);
		expect(secretFault(secret)).toMatch(/^secret must be whsec_ and/);
	});
});
