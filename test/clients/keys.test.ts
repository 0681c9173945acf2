import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyd, runCommand, type ServerProcess } from "../support/process.ts";
import { javaClient, observeJava } from "./java/client.ts";
import { observeNpm } from "./npm/client.ts";
import { optional } from "./optional.ts";
import { observePython, pythonClient } from "./python/client.ts";
import type { Seen } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const bin = await optional("the Python client", pythonClient);
const jars = await optional("the Java client", javaClient);

let state: string;
let server: ServerProcess;
let key: string;
beforeAll(async () => {
	state = await mkdtemp(join(tmpdir(), "applyd-test-"));
	server = await startServer(["--auth", "keys", "--state", state]);
	key = await createKey("ada");
});
afterAll(async () => {
	await server.close();
	await rm(state, { recursive: true, force: true });
});

const createKey = async (...args: string[]) => {
	const made = await applyd(["key", "create", ...args, "--state", state]);
	return made.stdout.trim();
};

test("a key has the form that algo auth wants: sim and 25 more", () => {
	expect(key).toMatch(/^sim[A-Za-z0-9+/]{25}$/);
});

describe.skipIf(bin === undefined)("the Python client 2.0.5", () => {
	let seen: Seen;
	beforeAll(async () => {
		seen = await observePython(String(bin), "keys.py", {
			...clientEnvironment(server, key),
			NARROW_KEY: await createKey("ada", "--allow", "algo://demo/*"),
			OWNERS_KEY: await createKey("wire"),
		});
	});

	test("calls with its key", () => {
		expect(seen.right).toBe("Hello foo");
	});

	test.each([
		["wrong", 401],
		["empty", 401],
		["missing", 401],
		["bearer token", 401],
		["narrow, another owner's", 403],
	])("%s: refused with %i", (step, status) => {
		expect(seen[step]).toEqual({
			raised: "Exception",
			message: `Non-Algorithm related Failure: <Response [${status}]>`,
		});
	});

	test("a narrow key calls what it is for", () => {
		expect(seen.narrow).toBe("Hello foo");
	});

	test("stdout and the stack are for the owner only", () => {
		expect(seen["stdout, a stranger"]).toBeNull();
		expect(seen["stdout, the owner"]).toBe("one\n");
		const failure = { raised: "AlgorithmException", message: "too far" };
		expect(seen["a failure, a stranger"]).toMatchObject({
			...failure,
			stack_trace: null,
		});
		expect(seen["a failure, the owner"]).toMatchObject({
			...failure,
			stack_trace: expect.stringMatching(/^RangeError: too far\n/),
		});
	});
});

describe.skipIf(bin === undefined)("the command algo 2.0.5", () => {
	let home: string;
	beforeAll(async () => {
		home = await mkdtemp(join(tmpdir(), "applyd-test-"));
		await mkdir(join(home, ".algorithmia"));
	});

	const run = async (profileKey: string, option: string) => {
		await writeFile(
			join(home, ".algorithmia/config"),
			`[profiles.default]\napi_key = "${profileKey}"\napi_server = ""\nca_cert = ""\nbearer_token = ""\n`,
		);
		return runCommand(
			join(String(bin), "algo"),
			["run", "wire/Seen", option, "5"],
			{ env: { ...clientEnvironment(server, key), HOME: home } },
		);
	};

	test("calls with the key of its profile", async () => {
		expect((await run(key, "-d")).code).toBe(0);
		expect((await run(key, "-j")).code).toBe(0);
		const { code, stderr } = await run("simWRONGwrongWRONGwrongWRONG", "-j");
		expect(code).toBe(1);
		expect(stderr).toContain("Unknown or invalid API key.");
	});

	test("takes the key of the environment for -d only: -j, -t and -B send none", async () => {
		expect((await run("", "-d")).code).toBe(0);
		const { code, stderr } = await run("", "-j");
		expect(code).toBe(1);
		expect(stderr).toContain("authorization required");
	});
});

test("the npm client 0.3.10 calls with its key, and gets the server's words without", async () => {
	const seen = await observeNpm("keys.js", clientEnvironment(server, key));
	expect(seen).toEqual({
		right: "Hello foo",
		"with its scheme": "Hello foo",
		wrong: { code: 2002, message: "Unknown or invalid API key." },
		missing: { message: "authorization required" },
	});
});

test.skipIf(jars === undefined)(
	"the Java client 1.0.16 calls with a key that it is given, and takes none from the environment",
	async () => {
		const environment = clientEnvironment(server, key);
		const seen = await observeJava(String(jars), "Keys", environment);
		const refused = (message: string) => ({
			thrown: "APIException",
			message: expect.stringMatching(`^401 not authorized: .*${message}`),
			stacktrace: null,
		});
		expect(seen).toEqual({
			right: "Hello foo",
			wrong: refused("Unknown or invalid API key."),
			empty: refused("authorization required"),
			"of the environment": refused("authorization required"),
			"of the environment, without a client": refused("authorization required"),
		});
	},
);
