import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PIECES } from "../../src/config/pieces.ts";
import { optional } from "../clients/optional.ts";
import {
	FIXTURES,
	SHARED_CODE,
	startApp,
	type TestServer,
} from "../support/app.ts";
import {
	commandOf,
	descendantsOf,
	isRunning,
} from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { freshFolder, post } from "./support.ts";

const hasAllWalls = await optional("containment", async () => {
	await (await startApp({ containment: PIECES })).close();
	return true;
});

/** Processes of this test's servers whose command says this. */
const running = (command: string) =>
	descendantsOf(process.pid).filter(
		(pid) => isRunning(pid) && commandOf(pid).includes(command),
	);

describe.runIf(hasAllWalls).each([
	{ version: "1.0.0", what: "isolation thread" },
	{ version: "2.0.0", what: "isolation process" },
	{ version: "3.0.0", what: "an isolated network" },
])("behind all walls, with $what", ({ version }) => {
	const folder = join(FIXTURES, "attack/Burglar", version);
	let server: TestServer;
	const attempt = (name: string, input: object = {}, query = "") =>
		post(server, `attack/Burglar/${version}${query}`, { try: name, ...input });
	const refusal = async (name: string, input: object) => {
		const { result, error } = await attempt(name, input);
		expect(result).toBeUndefined();
		return error?.message;
	};
	const stateFolder = () => server.engine.config.state;
	const nextCallsWork = async () => {
		expect((await attempt("nothing")).result).toBe("fine");
		expect((await post(server, "attack/Neighbour", 1)).result).toBe(2);
	};

	beforeAll(async () => {
		server = await startApp({
			containment: PIECES,
			maxWorkers: 2,
			memoryMb: 64,
		});
	});
	afterAll(async () => {
		await server.close();
		expect(running("")).toEqual([]);
	});

	test.each([
		["the system's passwords", () => "/etc/shadow"],
		["the system's keys", () => "/etc/ssl/private"],
		["another algorithm", () => join(FIXTURES, "attack/Neighbour/1.0.0")],
		["another version", () => join(FIXTURES, "attack/Burglar/9.0.0")],
		["the server's code", () => join(import.meta.dirname, "../../server")],
		["the server's store", () => join(stateFolder(), "applyd.db")],
		["the server's files", () => join(stateFolder(), "data")],
		["a home", () => "/root"],
	])("%s cannot be seen", async (_, path) => {
		expect(await refusal("list", { path: path() })).toMatch(/ENOENT/);
		expect(await refusal("read", { path: path() })).toMatch(/ENOENT/);
	});

	test("of the folders around it, it sees the way to itself", async () => {
		const { result } = await attempt("list", { path: FIXTURES });
		expect(result).toEqual(["attack"]);
		const around = await attempt("list", { path: join(folder, "..") });
		expect(around.result).toEqual([version]);
	});

	test.each([
		"/burglar",
		"/etc/burglar",
		"/usr/burglar",
		"/dev/burglar",
		"/proc/sys/kernel/core_pattern",
		"/proc/self/oom_score_adj",
		"/proc/sysrq-trigger",
		join(folder, "burglar"),
		join(folder, "index.mjs"),
		join(SHARED_CODE, "burglar.mjs"),
	])("%s cannot be written", async (path) => {
		expect(await refusal("write", { path })).toMatch(/EROFS|EACCES|ENOENT/);
		expect(await refusal("remove", { path: folder })).toMatch(/Read-only/);
	});

	test("the temporary folders and what the operator allows can be written", async () => {
		const shared = await freshFolder();
		const { result } = await attempt("places");
		const { temp, home } = result as Record<string, string>;
		for (const place of ["/tmp", "/dev/shm", temp, home, shared])
			expect(
				(await attempt("write", { path: `${place}/mine` })).error,
			).toBeUndefined();
		expect(readdirSync(shared)).toEqual(["mine"]);
	});

	test("no environment of another process can be read, nor a process be seen or signalled", async () => {
		process.env.APPLYD_TEST_SECRET = "what-only-the-server-knows";
		const { result } = await attempt("environments");
		delete process.env.APPLYD_TEST_SECRET;
		expect(result).toContain("HOME=");
		expect(result).not.toMatch(/what-only|VITEST|npm_/);
		const { result: seen } = await attempt("processes");
		expect(seen).toHaveLength(2);
		expect(await refusal("kill", { pid: process.pid })).toMatch(/ESRCH/);
	});

	test("it has no privileges, and gets none", async () => {
		const { result } = await attempt("status");
		expect(result).toMatch(/NoNewPrivs:\s+1/);
		expect(result).toMatch(/CapEff:\s+0+\n/);
		expect(result).toMatch(/CapBnd:\s+0+\n/);
		expect((await attempt("namespace")).result).not.toBe(0);
	});

	test("it has limits, and goes first where memory ends", async () => {
		const { result } = await attempt("limits");
		expect(result).toMatch(/Max core file size\s+0 /);
		expect((await attempt("files")).result).toBeLessThanOrEqual(16_384);
		await attempt("nothing");
		expect((await attempt("score")).result).toBe("1000");
	});

	test("the server's socket does not listen to who has no token", async () => {
		expect((await attempt("impostor")).result).toBe("closed");
		await nextCallsWork();
	});

	test("what a call leaves in temporary folders is gone with it, whatever its modes", async () => {
		await attempt("nothing");
		const before = (await attempt("left")).result as string[][];
		for (let i = 0; i < 3; i++) {
			expect((await attempt("leave")).error).toBeUndefined();
			expect((await attempt("left")).result).toEqual(before);
		}
		expect(before.flat()).not.toContain("left");
		expect((await attempt("fromLoad")).result).toBe("loaded");
	});

	test("what a call that still runs has in the shared one stays while others come and go", async () => {
		const signal = await freshFolder();
		const keeper = attempt("keep", { name: "kept", until: signal });
		for (let i = 0; i < 20; i++) await attempt("leave", { names: [`f${i}`] });
		await writeFile(join(signal, "go"), "");
		expect((await keeper).result).toBe("kept");
		await attempt("leave");
		expect(((await attempt("left")).result as string[][])[0]).not.toContain(
			"kept",
		);
	});

	test("a process that goes on writing there does not break the next calls", async () => {
		await attempt("writer");
		for (let i = 0; i < 20; i++) await nextCallsWork();
	});

	test("what a call started in a session of its own ends with the worker process", async () => {
		const { error } = await attempt("daemon", { loop: true }, "?timeout=0.5");
		expect(error?.error_type).toBe("TimeoutError");
		await until("it is gone", () => running("sleep 4321").length === 0);
		await nextCallsWork();
	});

	test("a fork bomb is bounded, and costs its caller", async () => {
		const { error } = await attempt("bomb", { most: 3000 }, "?timeout=10");
		expect(error?.error_type).toBe("SystemExit"); // its own end would be an answer
		await until("it is gone", () => running("sleep 1234").length === 0);
		await nextCallsWork();
	});

	test("memory of processes that it starts counts as its own", async () => {
		const { error } = await attempt("hoard", { mb: 1500 });
		expect(error?.error_type).toBe("OutOfMemoryError");
		await nextCallsWork();
	});

	test("inside an algorithm the API answers, by context and by published clients' means", async () => {
		expect((await attempt("inside")).result).toBe(42);
		expect((await attempt("api")).result).toMatchObject({ result: 42 });
	});

	test("its folder is gone with the process", async () => {
		const run = join(stateFolder(), "run", String(process.pid));
		await server.close();
		expect(existsSync(run)).toBe(false);
		server = await startApp({ containment: PIECES });
	});
});

describe.runIf(hasAllWalls)("what the operator allows", () => {
	const burglar = "attack/Burglar/1.0.0";

	test("does not show the state or other algorithms that lie in it, nor lets them be written", async () => {
		const shared = await freshFolder();
		const state = join(shared, "state");
		const server = await startApp({
			containment: PIECES,
			state,
			allowRead: [join(FIXTURES, "..")],
			allowWrite: [shared],
		});
		const attempt = async (name: string, path: string) =>
			post(server, burglar, { try: name, path });
		expect((await attempt("list", shared)).result).toEqual(["state"]);
		expect((await attempt("list", state)).result).toEqual(["run"]);
		expect(
			(await attempt("write", join(state, "mine"))).error?.message,
		).toMatch(/EROFS/);
		const { result } = await attempt("list", join(FIXTURES, "attack"));
		expect(result).toEqual(["Burglar"]);
		await server.close();
	});

	test("is reached through links in a version's folder, and a version that is a link runs", async () => {
		const root = await freshFolder();
		const real = join(root, "attack/Real/1.0.0");
		await mkdir(real, { recursive: true });
		await mkdir(join(root, "attack/Link"));
		await symlink("../Real/1.0.0", join(root, "attack/Link/1.0.0"));
		await copyFile(join(SHARED_CODE, "burglar.mjs"), join(real, "index.mjs"));
		await symlink(SHARED_CODE, join(real, "code"));
		const server = await startApp({
			containment: PIECES,
			algorithms: [root],
		});
		const { result } = await post(server, "attack/Link/1.0.0", {
			try: "read",
			path: join(root, "attack/Link/1.0.0/code/burglar.mjs"),
		});
		expect(result).toContain("what is not its own");
		await server.close();
	});
});

describe.runIf(hasAllWalls)("the network", () => {
	let server: TestServer;
	let listener: Server;
	let port: number;
	const attempt = async (version: string, name: string) =>
		post(server, `attack/Burglar/${version}`, { try: name, port });

	beforeAll(async () => {
		server = await startApp({ containment: PIECES });
		listener = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
		await once(listener, "listening");
		port = (listener.address() as AddressInfo).port;
	});
	afterAll(async () => {
		listener.close();
		await server.close();
	});

	test("of the machine is there for who does not ask for an isolated one", async () => {
		expect((await attempt("1.0.0", "tcp")).result).toBe("connected");
	});

	test("is closed for who does, but for the API", async () => {
		expect((await attempt("3.0.0", "tcp")).error?.message).toMatch(
			/ECONNREFUSED/,
		);
		expect((await attempt("3.0.0", "interfaces")).result).toEqual(["lo"]);
		expect((await attempt("3.0.0", "api")).result).toMatchObject({
			result: 42,
		});
	});
});

describe("without a wall", () => {
	const path = process.env.PATH;
	afterEach(() => {
		process.env.PATH = path;
	});

	test("an algorithm that asks for an isolated network does not load, and says the way out", async () => {
		const server = await startApp({ containment: [] });
		const { error } = await post(server, "attack/Burglar/3.0.0", {});
		expect(error).toMatchObject({
			error_type: "LoadingError",
			message: expect.stringMatching(
				/"network_access" is "isolated".*--containment/,
			),
		});
		expect((await post(server, "attack/Neighbour", 1)).result).toBe(2);
		await server.close();
	});

	test.each(PIECES.filter((piece) => piece !== "temp"))(
		"that is asked for by name the server does not start: %s",
		async (piece) => {
			process.env.PATH = "/nowhere";
			await expect(startApp({ containment: [piece] })).rejects.toThrow(
				new RegExp(`^containment: ${piece} cannot be had.*install`),
			);
		},
	);

	test("the server starts with those it has, and the log says what is missing", async () => {
		process.env.PATH = "/nowhere";
		const server = await startApp();
		expect(server.log.find(({ msg }) => msg === "containment")).toMatchObject({
			up: ["temp"],
			missing: {
				processes: expect.stringMatching(/no bwrap; install bubblewrap/),
			},
		});
		expect((await post(server, "attack/Neighbour", 1)).result).toBe(2);
		await server.close();
	});

	test.each(["/nowhere", "/tmp", "/"])(
		"and with %s allowed it says why not",
		async (place) => {
			await expect(startApp({ allowRead: [place] })).rejects.toThrow(
				`--allow-read names ${place}, `,
			);
		},
	);
});

test
	.runIf(hasAllWalls)
	.each([
		["files"],
		["processes"],
		["network"],
		["privileges"],
		["limits"],
		["temp"],
		["files", "limits"],
	] as const)(
	"%s alone is a wall that algorithms run behind",
	async (...pieces) => {
		const server = await startApp({ containment: pieces });
		expect(
			(await post(server, "attack/Burglar/1.0.0", { try: "nothing" })).result,
		).toBe("fine");
		await server.close();
	},
);
