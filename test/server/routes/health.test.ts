import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import supertest from "supertest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type App, buildApp } from "../../../server/app.ts";
import { createLogger, Engine, loadConfig } from "../../../src/index.ts";

describe("health", () => {
	let app: App;
	let engine: Engine;
	let state: string;

	beforeAll(async () => {
		state = await mkdtemp(join(tmpdir(), "applyd-test-"));
		const config = { ...loadConfig({}, {}), algorithms: [], state };
		engine = await Engine.start(config);
		app = buildApp(engine, await createLogger("silent"), undefined);
		await app.fastify.listen({ host: "127.0.0.1", port: 0 });
	});
	afterAll(async () => {
		await app.fastify.close();
		await engine.close();
		await rm(state, { recursive: true });
	});

	const get = (path: string) => supertest(app.fastify.server).get(path);

	it("GET /livez says alive", async () => {
		const { status, headers, body } = await get("/livez");
		expect(status).toBe(200);
		expect(headers["content-type"]).toMatch(/^application\/json/);
		expect(body).toEqual({ status: "alive" });
	});

	it("GET /readyz says ready, and from the first reason on 503 with the reasons", async () => {
		const before = await get("/readyz");
		expect(before.status).toBe(200);
		expect(before.body).toEqual({ status: "ready" });
		app.stopBeingReady("draining");
		const after = await get("/readyz");
		expect(after.status).toBe(503);
		expect(after.headers["content-type"]).toMatch(/^application\/json/);
		expect(after.body).toEqual({ status: "not ready", reasons: ["draining"] });
		expect((await get("/livez")).status).toBe(200);
	});
});
