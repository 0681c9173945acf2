import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../src/registry/manifest.ts";

const faultOf = async (value: unknown) => {
	const text = typeof value === "string" ? value : JSON.stringify(value);
	const parsed = await parseManifest(text);
	return "fault" in parsed ? parsed.fault : undefined;
};

describe("a manifest", () => {
	it("may be empty", async () => {
		expect(await parseManifest("{}")).toEqual({ manifest: {} });
	});

	it("is given back with all that it says", async () => {
		const manifest = {
			summary: "Scores the mood of a text",
			entry: "lib/start.ts",
			sampleInput: null,
			input: { type: "string" },
			output: true,
			workers: { min: 0, max: 4 },
			memoryMb: 512,
			isolation: "process",
			timeoutSeconds: 0.5,
			loadTimeoutSeconds: 120,
			visibility: "private",
		};
		expect(await parseManifest(JSON.stringify(manifest))).toEqual({ manifest });
	});

	it("may begin with a byte order mark", async () => {
		expect(await parseManifest('\uFEFF{"memoryMb":64}')).toEqual({
			manifest: { memoryMb: 64 },
		});
	});

	it.each([
		[{ sumary: "x" }, "sumary", "summary"],
		[{ memory: 512 }, "memory", "memoryMb"],
		[{ timeoutSecond: 5 }, "timeoutSecond", "timeoutSeconds"],
		[{ worker: {} }, "worker", "workers"],
		[{ workers: { mx: 2 } }, "workers.mx", "max"],
	])(
		"with an unknown key %j is refused, naming %j and the nearest known one, %j",
		async (manifest, key, nearest) => {
			const fault = await faultOf(manifest);
			expect(fault).toContain(`"${key}"`);
			expect(fault).toMatch(
				new RegExp(`did you mean "(workers\\.)?${nearest}"\\?`),
			);
		},
	);

	it.each([
		[{ memoryMb: "512" }, "memoryMb"],
		[{ memoryMb: 1.5 }, "memoryMb"],
		[{ memoryMb: 1 }, "memoryMb"],
		[{ timeoutSeconds: 0 }, "timeoutSeconds"],
		[{ timeoutSeconds: 3001 }, "timeoutSeconds"],
		[{ timeoutSeconds: null }, "timeoutSeconds"],
		[{ summary: 7 }, "summary"],
		[{ entry: "" }, "entry"],
		[{ entry: ["index.js"] }, "entry"],
		[{ workers: 3 }, "workers"],
		[{ workers: { max: 0 } }, "workers.max"],
		[{ workers: { min: -1 } }, "workers.min"],
		[{ input: "string" }, "input"],
		[{ output: [] }, "output"],
	])("%j is refused, naming %j", async (manifest, key) => {
		expect(await faultOf(manifest)).toContain(`"${key}"`);
	});

	it.each([
		[{ isolation: "container" }, "thread, process"],
		[{ visibility: "secret" }, "public, private"],
	])("%j is refused, saying what is allowed: %s", async (manifest, allowed) => {
		expect(await faultOf(manifest)).toContain(allowed);
	});

	it("may not want more workers at least than at most", async () => {
		expect(await faultOf({ workers: { min: 3, max: 2 } })).toMatch(
			/"workers.min" is 3.*"workers.max", 2/,
		);
		expect(await faultOf({ workers: { min: 3, max: 3 } })).toBeUndefined();
		expect(await faultOf({ workers: { min: 3 } })).toBeUndefined();
	});

	it.each(["", "{", '{"a":1,}', "{'a':1}", "// no", "\uFEFF\uFEFF{}"])(
		"%j is no valid JSON, and the fault says so",
		async (text) => {
			expect(await faultOf(text)).toContain("is no valid JSON");
		},
	);

	it.each(["null", "[]", '"text"', "1", "true"])(
		"%s is JSON and no manifest",
		async (text) => {
			expect(await faultOf(text)).toBe("the manifest must be an object");
		},
	);

	it("with several faults names one at a time, and the next once that is mended", async () => {
		const faults = { memoryMb: "x", isolation: "y" };
		const first = await faultOf(faults);
		expect(first).toContain('"memoryMb"');
		expect(await faultOf({ ...faults, memoryMb: 64 })).toContain('"isolation"');
	});
});
