import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SHARED, startApp, type TestServer } from "../../support/app.ts";
import { until } from "../../support/until.ts";
import { post } from "./support.ts";

let server: TestServer;
let folder: string;

beforeAll(async () => {
	server = await startApp();
	folder = await mkdtemp(join(SHARED, "loading-"));
	process.env.no_proxy = folder; // one of the few variables that author code sees
});
afterAll(async () => {
	delete process.env.no_proxy;
	await server.close();
});

test("a caller whose time runs out while a model loads is answered, and the load goes on for the next", async () => {
	const early = await post(server, "life/SlowLoad?timeout=0.3", null);
	expect(early.error?.error_type).toBe("TimeoutError");
	const next = post(server, "life/SlowLoad", null);
	await writeFile(join(folder, "go"), "");
	expect((await next).result).toBe("loaded");
	expect(server.log.filter(({ msg }) => msg === "worker killed")).toEqual([]);
});

test("a load that takes longer than its own timeout is a LoadingError that names the setting", async () => {
	const { error, status } = await post(server, "life/NeverLoads", null);
	expect(status).toBe(200);
	expect(error).toMatchObject({
		error_type: "LoadingError",
		message: expect.stringMatching(/within 0.3 s.*loadTimeoutSeconds/),
	});
});

test("a load() that throws is each caller's LoadingError", async () => {
	for (let i = 0; i < 3; i++) {
		const { error } = await post(server, "life/FailsLoading", null);
		expect(error).toMatchObject({
			error_type: "LoadingError",
			message: "load() failed: no model here",
		});
	}
	const line = server.log.find(
		({ msg, algorithm }) =>
			msg === "algorithm broken" && algorithm === "life/FailsLoading/1.0.0",
	);
	expect(line).toMatchObject({ error: "load() failed: no model here" });
});

test("a module that exits while it loads says with which code", async () => {
	const { error } = await post(server, "life/ExitsLoading", null);
	expect(error?.message).toBe("exited with code 7 while loading");
	expect(error?.error_type).toBe("SystemExit");
});

test("a call that ends early is told by context.signal", async () => {
	await post(server, "life/Context", {}); // the worker is there before the time runs
	const file = join(folder, "aborted");
	const { error } = await post(server, "life/Context?timeout=0.2", { file });
	expect(error?.error_type).toBe("TimeoutError");
	const said = await until("the signal has fired", () =>
		readFile(file, "utf8").then(
			(text) => text !== "" && text,
			() => false,
		),
	);
	expect(said).toMatch(/no longer waits/);
});
