import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const HOUSE = resolve(import.meta.dirname, "../..");

/**
 * The floors of the house, from the top. A file may import its own room or a lower floor; rooms of one floor
 * do not know each other. A room is a folder of `src`, or a file of its own directly under it.
 * The logger and the metrics are told of what happens (`events`), so they stand below those who make it happen.
 */
const FLOORS = [
	["server"],
	["index"],
	["engine"],
	["jobs", "listeners"],
	["apply"],
	["runners", "data", "limits", "logger", "optional-import", "install"],
	["workers"],
	["accounts"],
	["config"],
	["items"],
	["registry", "protocol", "store", "metrics"],
	["events", "histogram"],
	["errors", "checks", "pause"],
];

/** Stricter than the floors. */
const ONLY: Record<string, string[]> = {
	server: ["server", "index"],
	workers: ["workers", "protocol"],
	protocol: ["protocol"],
};

const files = ["server", "src"].flatMap((room) =>
	readdirSync(join(HOUSE, room), { recursive: true, encoding: "utf8" })
		.filter((name) => /\.[cm]?[jt]s$/.test(name))
		.map((name) => join(room, name)),
);

/** `src/runners/lane.ts` → `runners`, `src/engine.ts` → `engine`, `server/routes/algo.ts` → `server` */
function roomOf(file: string): string {
	const [top = "", second = ""] = file.split("/");
	return top === "src" ? second.replace(/\.[jt]s$/, "") : top;
}

/** Static, dynamic and type imports, those of JSDoc too. */
function importsOf(file: string): string[] {
	const text = readFileSync(join(HOUSE, file), "utf8");
	const found = text.matchAll(
		/(?:\bfrom\s+|\bimport\s*\(?\s*|\bnew URL\(\s*)["'](\.{1,2}\/[^"']+\.[jt]s)["']/g,
	);
	const paths = [...found].map(([, path]) =>
		relative(HOUSE, resolve(HOUSE, dirname(file), path as string)),
	);
	return [...new Set(paths)].filter((path) => files.includes(path));
}

const edges = files.flatMap((from) =>
	importsOf(from).map((to) => ({ from, to })),
);
const floorOf = (file: string) =>
	FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));
const written = ({ from, to }: { from: string; to: string }) =>
	`${from} → ${to}`;

describe("the house", () => {
	it("has been read: known imports are found, whatever their form", () => {
		expect(edges.map(written)).toEqual(
			expect.arrayContaining([
				"server/app.ts → src/index.ts",
				"server/main.ts → server/commands/serve.ts",
				"src/engine.ts → src/apply/apply.ts",
				"src/runners/launch.ts → src/workers/node/process.js",
				"src/workers/node/thread.js → src/protocol/messages.ts",
			]),
		);
	});

	it("knows the floor of every file", () => {
		expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
	});

	it("lets a file import its own room or a lower floor only", () => {
		const upward = edges.filter(
			({ from, to }) =>
				roomOf(from) !== roomOf(to) && floorOf(from) >= floorOf(to),
		);
		expect(upward.map(written)).toEqual([]);
	});

	it("lets the server import src/index.ts and nothing deeper, and workers the protocol only", () => {
		const strangers = edges.filter(
			({ from, to }) => ONLY[roomOf(from)]?.includes(roomOf(to)) === false,
		);
		expect(strangers.map(written)).toEqual([]);
	});

	it("has no circles", () => {
		expect(circles()).toEqual([]);
	});

	it("has no barrels but src/index.ts", () => {
		const barrels = files.filter((file) =>
			/^index\.[jt]s$/.test(basename(file)),
		);
		expect(barrels).toEqual(["src/index.ts"]);
	});
});

/** Each group of files that reach each other, by Tarjan's algorithm. */
function circles(): string[][] {
	const index = new Map<string, number>();
	const low = new Map<string, number>();
	const stack: string[] = [];
	const found: string[][] = [];
	const visit = (file: string): void => {
		const own = index.size;
		index.set(file, own);
		low.set(file, own);
		stack.push(file);
		for (const { to } of edges.filter(({ from }) => from === file)) {
			if (!index.has(to)) visit(to);
			if (stack.includes(to))
				low.set(file, Math.min(low.get(file) as number, low.get(to) as number));
		}
		if (low.get(file) === own) {
			const group = stack.splice(stack.indexOf(file));
			if (group.length > 1) found.push(group.sort());
		}
	};
	for (const file of files) if (!index.has(file)) visit(file);
	return found;
}
