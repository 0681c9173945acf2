import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type EngineEvents, Events } from "../../../src/events.ts";
import { Registry } from "../../../src/registry/registry.ts";
import { MODULE, makeRoot, write } from "./support.ts";

function open(...roots: string[]) {
	const events = new Events();
	const told: EngineEvents["algorithm"][0][] = [];
	events.on("algorithm", (event) => told.push(event));
	const replaced: string[] = [];
	const registry = new Registry({
		roots,
		watch: false,
		events,
		onReplaced: ({ ref }) => replaced.push(ref),
	});
	onTestFinished(() => registry.close());
	return { registry, told, replaced };
}

describe("a registry", () => {
	it("resolves in any case and keeps the stored spelling", async () => {
		const root = await makeRoot({ "demo/Hello/1.0.0/index.js": MODULE });
		const { registry } = open(root);
		await registry.refresh();
		expect(registry.resolve("DEMO", "hELLO", "1.0.0").ref).toBe(
			"demo/Hello/1.0.0",
		);
		expect(registry.resolve("demo", "Hello")).toBe(
			registry.resolve("Demo", "hello", "latest"),
		);
	});

	it("says what was asked for when there is none, in the caller's spelling", async () => {
		const root = await makeRoot({ "demo/Hello/1.0.0/index.js": MODULE });
		const { registry } = open(root);
		await registry.refresh();
		const missing = (...path: [string, string, string?]) => {
			try {
				return registry.resolve(...path).ref;
			} catch (error) {
				const { code, message } = error as { code: string; message: string };
				return `${code}: ${message}`;
			}
		};
		expect(missing("DEMO", "hello", "1.9.9")).toBe(
			"NOT_FOUND: algorithm algo://DEMO/hello/1.9.9 not found",
		);
		expect(missing("demo", "Bye")).toBe(
			"NOT_FOUND: algorithm algo://demo/Bye not found",
		);
		expect(missing("constructor", "prototype")).toContain("NOT_FOUND");
		expect(missing("demo", "Hello", "..")).toContain("NOT_FOUND");
	});

	it("reaches a private version by its number and by latestPrivate only", async () => {
		const root = await makeRoot({
			"demo/Hello/1.0.0/index.js": MODULE,
			"demo/Hello/1.1.0/index.js": MODULE,
			"demo/Hello/1.1.0/algorithm.json": '{"visibility":"private"}',
		});
		const { registry } = open(root);
		await registry.refresh();
		const version = (selector?: string) =>
			registry.resolve("demo", "Hello", selector).version;
		expect(version()).toBe("1.0.0");
		expect(version("1.x")).toBe("1.0.0");
		expect(() => version("1.1")).toThrow("not found");
		expect(version("1.1.0")).toBe("1.1.0");
		expect(version("latestPrivate")).toBe("1.1.0");
	});

	it("lets the first of several roots hide the same version of a later one", async () => {
		const first = await makeRoot({
			"demo/Hello/1.0.0/index.js": MODULE,
			"demo/Hello/1.0.0/algorithm.json": '{"summary":"first"}',
		});
		const second = await makeRoot({
			"demo/Hello/1.0.0/index.js": MODULE,
			"demo/Hello/2.0.0/index.js": MODULE,
			"other/Bye/1.0.0/index.js": MODULE,
		});
		const { registry } = open(first, second);
		await registry.refresh();
		expect(registry.resolve("demo", "Hello", "1.0.0").manifest.summary).toBe(
			"first",
		);
		expect(registry.resolve("demo", "Hello").version).toBe("2.0.0");
		expect(registry.resolve("other", "Bye").ref).toBe("other/Bye/1.0.0");
		expect(registry.strays).toEqual([
			{
				path: join(second, "demo/Hello/1.0.0"),
				message: "is hidden by demo/Hello/1.0.0 of an earlier root",
			},
		]);
	});

	it("keeps one of two names that differ in case only, and tells of the other", async () => {
		const root = await makeRoot({
			"demo/Hello/1.0.0/index.js": MODULE,
			"demo/hello/2.0.0/index.js": MODULE,
		});
		const { registry, told } = open(root);
		await registry.refresh();
		expect(registry.versions.map(({ ref }) => ref)).toEqual([
			"demo/Hello/1.0.0",
		]);
		expect(registry.resolve("demo", "hello").ref).toBe("demo/Hello/1.0.0");
		expect(registry.strays).toEqual([
			{
				path: join(root, "demo/hello/2.0.0"),
				message:
					"differs only in case from demo/Hello, and names match in any case",
			},
		]);
		expect(told).toContainEqual(
			expect.objectContaining({
				algorithm: join(root, "demo/hello/2.0.0"),
				change: "broken",
			}),
		);
	});

	it("lists versions by name, newest first", async () => {
		const root = await makeRoot({
			"b/Z/1.0.0/index.js": MODULE,
			"a/Y/0.9.9/index.js": MODULE,
			"a/Y/0.10.0/index.js": MODULE,
			"a/X/1.0.0/index.js": MODULE,
		});
		const { registry } = open(root);
		await registry.refresh();
		expect(registry.versions.map(({ ref }) => ref)).toEqual([
			"a/X/1.0.0",
			"a/Y/0.10.0",
			"a/Y/0.9.9",
			"b/Z/1.0.0",
		]);
	});

	it("hosts a broken version with its fault, and tells of it", async () => {
		const root = await makeRoot({
			"demo/Hello/1.0.0/index.js": MODULE,
			"demo/Hello/1.0.0/algorithm.json": "{",
		});
		const { registry, told } = open(root);
		await registry.refresh();
		const { fault } = registry.resolve("demo", "Hello", "1.0.0");
		expect(fault).toMatchObject({ code: "LOADING_FAILED" });
		expect(fault?.message).toContain("algorithm.json: is no valid JSON");
		expect(told).toEqual([
			{
				algorithm: "demo/Hello/1.0.0",
				change: "broken",
				error: fault?.message,
			},
		]);
	});

	it("without a watch reads once: what is added later is not there", async () => {
		const root = await makeRoot({ "demo/Hello/1.0.0/index.js": MODULE });
		const { registry } = open(root);
		await registry.refresh();
		await write(root, { "demo/Hello/2.0.0/index.js": MODULE });
		expect(registry.isStale).toBe(false);
		await registry.refresh();
		expect(registry.resolve("demo", "Hello").version).toBe("1.0.0");
	});

	it("rejects a refresh whose root is gone, and does not take itself for fresh", async () => {
		const root = await makeRoot();
		const { registry } = open(root);
		await rm(root, { recursive: true });
		await expect(registry.refresh()).rejects.toThrow("ENOENT");
		expect(registry.isStale).toBe(true);
	});
});
