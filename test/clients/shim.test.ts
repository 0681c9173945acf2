import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyd, runCommand, type ServerProcess } from "../support/process.ts";
import { optional } from "./optional.ts";
import { observePython, pythonClient } from "./python/client.ts";
import { KIT_AND_SHIM, observeShim } from "./python/shim.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const bin = await optional("the Python client", pythonClient);

/** What of an answer is another one each time. */
const EACH_TIMES_OWN = ["duration", "request_id", "running", "total"];

const comparable = (seen: Seen): Seen =>
	JSON.parse(
		JSON.stringify(seen, (name, value) =>
			EACH_TIMES_OWN.includes(name) || String(value).startsWith("req-")
				? typeof value
				: value,
		),
	);

const refused = (raised: string, message: string | RegExp) => ({
	raised,
	message: expect.stringMatching(message),
});

/** The published client tells the status of most refusals only. */
const TOLD_BETTER = {
	"calls.py": {
		"no such algorithm": refused(
			"ApiError",
			/^no\/Such: 404: algorithm algo:\/\/no\/Such not found$/,
		),
		"no such version": refused("ApiError", /demo\/Hello\/9\.9\.9 not found$/),
		"a wrong option": refused("ApiError", /: 400: timeout is '0'; /),
		"a raw failure": refused("ApiError", /: 400: This is an exception$/),
		"too large": refused("ApiError", /: 413: the input is 16777216 bytes/),
	},
	"data.py": {
		"create again": refused(
			"DataApiError",
			/^unable to create python_robots in \.my - directory already exists$/,
		),
		"put into what is not there": refused(
			"DataApiError",
			/^unable to put file \.my\/python_none\/a - path not found$/,
		),
		"delete it again": refused("DataApiError", / - path not found$/),
		"delete what is not empty": refused("DataApiError", /is not empty$/),
		"permissions of what is not there": refused(
			"DataApiError",
			/ - path not found$/,
		),
		"list what is gone": refused("DataApiError", / - path not found$/),
	},
	"keys.py": {
		wrong: refused("ApiError", /: 401: Unknown or invalid API key\.$/),
		empty: refused("ApiError", /: 401: authorization required$/),
		missing: refused("ApiError", /: 401: authorization required$/),
		"bearer token": refused("ApiError", /: 401: /),
		"narrow, another owner's": refused("ApiError", /: 403: /),
	},
};

describe("scripts of the published client's users, with the client that applyd brings", () => {
	let state: string;
	let open: ServerProcess;
	let closed: ServerProcess;
	const environments: Record<string, NodeJS.ProcessEnv> = {};
	beforeAll(async () => {
		state = await mkdtemp(join(tmpdir(), "applyd-test-"));
		open = await startServer();
		closed = await startServer(["--auth", "keys", "--state", state]);
		const key = async (...args: string[]) =>
			(
				await applyd(["key", "create", ...args, "--state", state])
			).stdout.trim();
		environments["calls.py"] = clientEnvironment(open);
		environments["data.py"] = clientEnvironment(open);
		environments["keys.py"] = {
			...clientEnvironment(closed, await key("ada")),
			NARROW_KEY: await key("ada", "--allow", "algo://demo/*"),
			OWNERS_KEY: await key("wire"),
		};
	});
	afterAll(async () => {
		await open.close();
		await closed.close();
		await rm(state, { recursive: true, force: true });
	});

	test.each(Object.entries(TOLD_BETTER))(
		"%s: refusals are told with the server's reason",
		async (script, better) => {
			const seen = await observeShim(script, environments[script] ?? {});
			expect(seen).toMatchObject(better);
		},
	);

	test.skipIf(bin === undefined).each(Object.entries(TOLD_BETTER))(
		"%s: all else is as with the published client 2.0.5",
		async (script, better) => {
			const environment = environments[script] ?? {};
			const published = await observePython(String(bin), script, environment);
			const seen = await observeShim(script, environment);
			expect(comparable(seen)).toEqual({ ...comparable(published), ...better });
		},
		60_000,
	);
});

/** Stands between client and server, counts connections, and cuts them when told. */
async function startProxy(target: string) {
	const { hostname, port } = new URL(target);
	let count = 0;
	const open = new Set<Socket>();
	const proxy = createServer((client) => {
		count++;
		const server = connect(Number(port), hostname);
		for (const [socket, other] of [
			[client, server],
			[server, client],
		] as const) {
			open.add(socket);
			socket.on("error", () => {}).on("close", () => open.delete(socket));
			socket.pipe(other);
		}
	});
	const cut = () =>
		Promise.all([...open].map((socket) => once(socket.destroy(), "close")));
	const control = createHttpServer(async (request, response) => {
		if (request.url === "/cut") await cut();
		response.setHeader("Connection", "close");
		response.end(String(count));
		count = 0;
	});
	const listen = async (server: Server) => {
		await once(server.listen(0, "127.0.0.1"), "listening");
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	};
	return {
		url: await listen(proxy),
		control: await listen(control),
		async close() {
			await cut();
			proxy.close();
			control.close();
		},
	};
}

describe("connections", () => {
	let server: ServerProcess;
	let proxy: Awaited<ReturnType<typeof startProxy>>;
	let seen: Seen;
	beforeAll(async () => {
		server = await startServer();
		proxy = await startProxy(server.url);
		seen = await observeShim("connections.py", {
			...clientEnvironment(server),
			ALGORITHMIA_API: proxy.url,
			PROXY_CONTROL: proxy.control,
		});
	});
	afterAll(async () => {
		await proxy.close();
		await server.close();
	});

	test.each([
		["one after another", [[1, 2, 3, 4, 5], 1]],
		["refused calls", [[true, true, true], 0]],
		["in a forked child", [[2, 3, 4, 5, 6], 2]],
		["cut while idle", [3, 1]],
		["threads", true],
	])("%s: %j", (step, result) => {
		expect(seen[step]).toEqual(result);
	});
});

describe("where there is no server", () => {
	const python = (script: string, address?: string) => {
		const { ALGORITHMIA_API: _, ...others } = process.env;
		return runCommand("python3", ["-c", script], {
			env: {
				...others,
				...(address !== undefined && { ALGORITHMIA_API: address }),
				PYTHONPATH: KIT_AND_SHIM,
			},
		});
	};
	const CALL = `import Algorithmia
client = Algorithmia.client()
file = client.file("data://.my/a/b")
print("made")
try: client.algo("demo/Hello").pipe("foo")
except Algorithmia.errors.ApiError as error: print(error)`;

	test.each([
		["http://applyd-serve-is-not-running.invalid", "there is no server to ask"],
		["http://127.0.0.1:1", "no answer from http://127.0.0.1:1: Connection"],
		[
			"localhost:8080",
			"such as http://localhost:8080, and is 'localhost:8080'",
		],
		[undefined, "and is None"],
	])(
		"%s: a client can be made, and a call says so",
		async (address, reason) => {
			const { code, stdout, stderr } = await python(CALL, address);
			expect([code, stderr]).toEqual([0, ""]);
			const [made, told] = stdout.split("\n");
			expect(made).toBe("made");
			expect(told).toContain(reason);
		},
	);

	test("the kit is where the published client has it, and needs no HTTP", async () => {
		const { stdout } = await python(`import sys
import adk
from Algorithmia import ADK, client
c = client()
print(ADK is adk.ADK, "http.client" in sys.modules)`);
		expect(stdout).toBe("True False\n");
	});

	test("the handler of before the kit serves the same", async () => {
		const { stdout } = await python(`import adk
adk.enter_worker()
import Algorithmia
Algorithmia.handler(lambda input: input + 1).serve()
print(adk.registered().apply(1))`);
		expect(stdout).toBe("2\n");
	});
});
