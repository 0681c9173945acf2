import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type EngineEvents, Events } from "../../../src/events.ts";
import { Registry } from "../../../src/registry/registry.ts";
import { until } from "../../support/until.ts";
import { MODULE, makeRoot, write } from "./support.ts";

const HELLO = "demo/Hello/1.0.0";

describe("a watched root", () => {
	let root: string;
	let registry: Registry;
	let told: EngineEvents["algorithm"][0][];
	let replaced: string[];

	beforeEach(async () => {
		root = await makeRoot({ [`${HELLO}/index.js`]: MODULE });
		told = [];
		replaced = [];
		const events = new Events();
		events.on("algorithm", (event) => told.push(event));
		registry = new Registry({
			roots: [root],
			watch: true,
			events,
			onReplaced: ({ ref }) => replaced.push(ref),
		});
		onTestFinished(() => registry.close());
		await registry.refresh();
		told.length = 0;
	});

	/** Waits for the first resolve after an awaited refresh that fits. */
	const resolved = (
		what: string,
		selector: string | undefined,
		fits: (version: ReturnType<Registry["resolve"]> | undefined) => boolean,
	) =>
		until(what, async () => {
			await registry.refresh();
			const version = find(selector);
			return fits(version) && { version };
		});

	const find = (selector?: string) => {
		try {
			return registry.resolve("demo", "Hello", selector);
		} catch {
			return undefined;
		}
	};

	it("gives an edited file a new version object, and retires the old one once", async () => {
		const before = registry.resolve("demo", "Hello");
		await write(root, { [`${HELLO}/index.js`]: `${MODULE}// edited\n` });
		await resolved("the edit is seen", "1.0.0", (now) => now !== before);
		expect(replaced[0]).toBe(HELLO);
		expect(told[0]).toEqual({ algorithm: HELLO, change: "changed" });
	});

	it("sees an edit in a folder below the version's", async () => {
		await write(root, { [`${HELLO}/lib/words.js`]: "export default 1" });
		await resolved("lib is seen", "1.0.0", () => replaced.length > 0);
		await until("nothing is stale", () => !registry.isStale);
		const before = registry.resolve("demo", "Hello");
		await write(root, { [`${HELLO}/lib/words.js`]: "export default 2" });
		await resolved("the edit is seen", "1.0.0", (now) => now !== before);
	});

	it("leaves other versions as they are", async () => {
		await write(root, { "demo/Bye/1.0.0/index.js": MODULE });
		await until("Bye is seen", async () => {
			await registry.refresh();
			return told.some(({ algorithm }) => algorithm === "demo/Bye/1.0.0");
		});
		const before = registry.resolve("demo", "Hello");
		const bye = registry.resolve("demo", "Bye");
		await write(root, { "demo/Bye/1.0.0/index.js": `${MODULE}//\n` });
		await until("the edit of Bye is seen", async () => {
			await registry.refresh();
			return registry.resolve("demo", "Bye") !== bye;
		});
		expect(registry.resolve("demo", "Hello")).toBe(before);
	});

	it("sees a new version, a new name and a new owner", async () => {
		await write(root, {
			"demo/Hello/1.1.0/index.js": MODULE,
			"other/Name/0.0.1/index.js": MODULE,
		});
		await resolved(
			"1.1.0 is seen",
			undefined,
			(now) => now?.version === "1.1.0" && now.fault === undefined,
		);
		await until("the new owner is seen", async () => {
			await registry.refresh();
			return registry.versions.some(
				({ ref, fault }) => ref === "other/Name/0.0.1" && !fault,
			);
		});
	});

	it("forgets a removed version, and the newest is the one before", async () => {
		await write(root, { "demo/Hello/2.0.0/index.js": MODULE });
		await resolved("2.0.0 is seen", "2.0.0", (now) => now?.fault === undefined);
		await rm(join(root, "demo/Hello/2.0.0"), { recursive: true });
		await resolved("2.0.0 is gone", "2.0.0", (now) => now === undefined);
		expect(registry.resolve("demo", "Hello").version).toBe("1.0.0");
		expect(told.at(-1)).toEqual({
			algorithm: "demo/Hello/2.0.0",
			change: "removed",
		});
		expect(replaced.at(-1)).toBe("demo/Hello/2.0.0");
	});

	it("sees a folder that was moved away and back, and what is edited after", async () => {
		await rename(join(root, "demo"), join(root, ".away"));
		await resolved("it is gone", "1.0.0", (now) => now === undefined);
		await rename(join(root, ".away"), join(root, "demo"));
		await resolved("it is back", "1.0.0", (now) => now !== undefined);
		const before = registry.resolve("demo", "Hello");
		await write(root, { [`${HELLO}/index.js`]: `${MODULE}//\n` });
		await resolved("the edit is seen", "1.0.0", (now) => now !== before);
	});

	it("breaks with a broken manifest and mends with a mended one", async () => {
		await write(root, { [`${HELLO}/algorithm.json`]: '{"memory":64}' });
		await resolved(
			"the fault is seen",
			"1.0.0",
			(now) => now?.fault?.message.includes('"memory"') === true,
		);
		await write(root, { [`${HELLO}/algorithm.json`]: '{"memoryMb":64}' });
		const { version } = await resolved(
			"it is mended",
			"1.0.0",
			(now) => now?.fault === undefined && now?.manifest.memoryMb === 64,
		);
		expect(version?.entry).toBe(join(root, HELLO, "index.js"));
	});

	it("mends when a missing entry appears", async () => {
		await rm(join(root, HELLO, "index.js"));
		await resolved("no entry", "1.0.0", (now) => now?.fault !== undefined);
		await write(root, { [`${HELLO}/index.mjs`]: MODULE });
		await resolved(
			"the entry is seen",
			"1.0.0",
			(now) => now?.entry === join(root, HELLO, "index.mjs"),
		);
	});

	it("tells of a stray once, and forgets it when it is gone", async () => {
		await write(root, { "demo/with-dash/1.0.0/index.js": MODULE });
		await until("the stray is seen", async () => {
			await registry.refresh();
			return registry.strays.length === 1;
		});
		await write(root, { [`${HELLO}/index.js`]: `${MODULE}//\n` });
		await until("a later reading is over", () =>
			told.some(({ change }) => change === "changed"),
		);
		expect(
			told.filter(({ algorithm }) => algorithm.endsWith("with-dash")),
		).toHaveLength(1);
		await rm(join(root, "demo/with-dash"), { recursive: true });
		await until("the stray is gone", async () => {
			await registry.refresh();
			return registry.strays.length === 0;
		});
	});
});
