import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PIECES } from "../../src/config/pieces.ts";
import { optional } from "../clients/optional.ts";
import { startApp, type TestServer } from "../support/app.ts";
import { PYTHON_FIXTURES } from "../support/languages.ts";
import {
	commandOf,
	descendantsOf,
	isRunning,
} from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { post } from "./support.ts";

const algorithms = [PYTHON_FIXTURES];
const hasAllWalls = await optional("containment", async () => {
	await (await startApp({ algorithms, containment: PIECES })).close();
	return true;
});

describe.runIf(hasAllWalls).each([
	{ version: "1.0.0", what: "a process each" },
	{ version: "2.0.0", what: "copies of one that has loaded" },
	{ version: "3.0.0", what: "in an isolated network" },
])("behind all walls, Python workers that are $what", ({ version }) => {
	let server: TestServer;
	let listener: Server;
	let port: number;
	const attempt = (name: string, input: object = {}, query = "") =>
		post(server, `attack/Burglar/${version}${query}`, { try: name, ...input });

	beforeAll(async () => {
		listener = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
		await once(listener, "listening");
		port = (listener.address() as AddressInfo).port;
		server = await startApp({ algorithms, containment: PIECES });
	});
	afterAll(async () => {
		listener.close();
		await server.close();
		expect(descendantsOf(process.pid).filter(isRunning)).toEqual([]);
	});

	test.each([
		["the system's passwords", () => "/etc/shadow"],
		[
			"another algorithm",
			() => join(PYTHON_FIXTURES, "attack/Neighbour/1.0.0/index.py"),
		],
		[
			"the server's code",
			() => join(import.meta.dirname, "../../server/main.ts"),
		],
		["the server's store", () => join(server.engine.config.state, "applyd.db")],
	])("%s cannot be read", async (_, path) => {
		const { error } = await attempt("read", { path: path() });
		expect(error?.message).toMatch(/No such file/);
	});

	test.each([
		"/etc/burglar",
		"/usr/burglar",
		join(PYTHON_FIXTURES, "attack/Burglar", version, "burglar"),
		join(PYTHON_FIXTURES, "attack/Burglar", version, "index.py"),
	])("%s cannot be written", async (path) => {
		const { error } = await attempt("write", { path });
		expect(error?.message).toMatch(/Read-only/);
	});

	test("no environment of the server can be read, nor its processes be seen", async () => {
		process.env.APPLYD_TEST_SECRET = "what-only-the-server-knows";
		const { result } = await attempt("environments");
		delete process.env.APPLYD_TEST_SECRET;
		expect(result).not.toMatch(/what-only|VITEST|npm_/);
		// bwrap's, the supervisor, the worker; an isolated one has the port of the API too.
		expect((await attempt("processes")).result).toBeLessThanOrEqual(5);
	});

	test("it has no privileges, and gets none", async () => {
		const { result } = await attempt("status");
		expect(result).toMatch(/NoNewPrivs:\s+1/);
		expect(result).toMatch(/CapEff:\s+0+\n/);
	});

	test("what a call leaves in its temporary folder is gone with it, what load() put there stays", async () => {
		const before = (await attempt("left")).result as string[];
		for (let i = 0; i < 3; i++) {
			const during = (await attempt("leave")).result as string[];
			expect(during.length).toBe(before.length + 2);
			expect((await attempt("left")).result).toEqual(before);
		}
		// That of what was loaded before the fork is no worker's.
		expect(before.includes("loaded")).toBe(version !== "2.0.0");
	});

	test("what a call started in a session of its own ends with its worker", async () => {
		const { error } = await attempt("daemon", {}, "?timeout=0.5");
		expect(error?.error_type).toBe("TimeoutError");
		await until("it is gone", () =>
			descendantsOf(process.pid).every(
				(pid) => !isRunning(pid) || !commandOf(pid).includes("sleep 4322"),
			),
		);
		expect((await attempt("nothing")).result).toBe("fine");
	});

	test("the API answers; the machine's network only where it is not isolated", async () => {
		expect((await attempt("api")).result).toBe(42);
		const { result, error } = await attempt("tcp", { port });
		if (version === "3.0.0") expect(error?.message).toMatch(/refused/);
		else expect(result).toBe("connected");
	});
});
