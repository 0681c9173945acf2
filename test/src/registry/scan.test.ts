import { symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { scanRoot } from "../../../src/registry/scan.ts";
import { MODULE, makeRoot, type Tree } from "./support.ts";

const scan = (root: string) => scanRoot(root, new Map(), () => {});

const scanTree = async (tree: Tree) => scan(await makeRoot(tree));

async function entryOf(files: Tree): Promise<string | undefined> {
	const tree = Object.entries(files).map(([path, text]) => [
		`o/Name/1.0.0/${path}`,
		text,
	]);
	const { versions } = await scanTree(Object.fromEntries(tree));
	const [version] = versions;
	return (
		version?.fault?.message ?? version?.entry.slice(version.folder.length + 1)
	);
}

describe("a scan", () => {
	it("finds OWNER/NAME/VERSION and says where each starts", async () => {
		const root = await makeRoot({
			"demo/Hello/0.1.0/index.js": MODULE,
			"demo/Hello/0.10.0/index.js": MODULE,
			"nlp/Mood/1.0.5/index.ts": MODULE,
		});
		const { versions, strays } = await scan(root);
		expect(strays).toEqual([]);
		expect(versions.map(({ ref }) => ref).sort()).toEqual([
			"demo/Hello/0.1.0",
			"demo/Hello/0.10.0",
			"nlp/Mood/1.0.5",
		]);
		expect(versions.find(({ owner }) => owner === "nlp")).toMatchObject({
			owner: "nlp",
			name: "Mood",
			version: "1.0.5",
			numbers: [1, 0, 5],
			visibility: "public",
			folder: join(root, "nlp/Mood/1.0.5"),
			entry: join(root, "nlp/Mood/1.0.5/index.ts"),
			fault: undefined,
		});
	});

	it("names odd folders as strays, each with its reason, and goes on", async () => {
		const { versions, strays } = await scanTree({
			"demo/Hello/1.0.0/index.js": MODULE,
			"demo/Hello/v2/index.js": MODULE,
			"demo/Hello/01.0.0/index.js": MODULE,
			"demo/with-dash/1.0.0/index.js": MODULE,
			"Müller/Name/1.0.0/index.js": MODULE,
			"名前/Name/1.0.0/index.js": MODULE,
			[`${"o".repeat(31)}/Name/1.0.0/index.js`]: MODULE,
		});
		expect(versions.map(({ ref }) => ref)).toEqual(["demo/Hello/1.0.0"]);
		const messages = strays.map(({ message }) => message).sort();
		expect(messages).toEqual([
			'"01.0.0" is no version: three numbers x.y.z without leading zeros',
			'"Müller" is no name: a letter, then letters, digits and _',
			`"${"o".repeat(31)}" is longer than 30 characters`,
			'"v2" is no version: three numbers x.y.z without leading zeros',
			'"with-dash" is no name: a letter, then letters, digits and _',
			'"名前" is no name: a letter, then letters, digits and _',
		]);
	});

	it("passes over files, dotfolders and node_modules without a word", async () => {
		const { versions, strays } = await scanTree({
			"README.md": "",
			"package.json": "{}",
			".git/objects/1.0.0/index.js": MODULE,
			"node_modules/left/1.0.0/index.js": MODULE,
			"demo/notes.txt": "",
			"demo/.cache/1.0.0/index.js": MODULE,
			"demo/Hello/.tmp/index.js": MODULE,
			"demo/Hello/1.0.0/index.js": MODULE,
		});
		expect(versions.map(({ ref }) => ref)).toEqual(["demo/Hello/1.0.0"]);
		expect(strays).toEqual([]);
	});

	it("follows a link inside the root and refuses one that leads out of it", async () => {
		const outside = await makeRoot({ "1.0.0/index.js": MODULE });
		const root = await makeRoot({ "demo/Hello/1.0.0/index.js": MODULE });
		await symlink(join(root, "demo/Hello"), join(root, "demo/Twin"));
		await symlink(outside, join(root, "demo/Escape"));
		await symlink(join(root, "nowhere"), join(root, "demo/Dangling"));
		const { versions, strays } = await scan(root);
		expect(versions.map(({ ref }) => ref).sort()).toEqual([
			"demo/Hello/1.0.0",
			"demo/Twin/1.0.0",
		]);
		expect(strays).toEqual([
			{
				path: join(root, "demo/Escape"),
				message:
					'"Escape" is a symbolic link that leads out of the algorithms root',
			},
		]);
	});

	it("refuses an entry that leads out of the root, by a link or by dots", async () => {
		const outside = await makeRoot({ "secret.js": MODULE });
		const root = await makeRoot({
			"demo/Dots/1.0.0/algorithm.json": JSON.stringify({
				entry: join("../../../..", basename(outside), "secret.js"),
			}),
			"demo/Link/1.0.0/algorithm.json": "{}",
		});
		const secret = join(outside, "secret.js");
		await symlink(secret, join(root, "demo/Link/1.0.0/index.js"));
		const { versions } = await scan(root);
		const faults = versions.map(({ fault }) => fault?.message);
		expect(faults).toEqual([
			expect.stringContaining("leads out of the algorithms root"),
			expect.stringContaining("leads out of the algorithms root"),
		]);
	});

	it("rejects when the root is not there", async () => {
		const root = await makeRoot();
		await expect(scan(join(root, "nowhere"))).rejects.toThrow("ENOENT");
	});
});

describe("an entry", () => {
	it("is the first that is there of index.ts, .js, .mjs, .cjs, src/NAME.js", async () => {
		const order = ["index.ts", "index.js", "index.mjs", "index.cjs"];
		const files = [...order, "src/Name.js"];
		while (files.length > 0) {
			const tree = files.map((file) => [file, MODULE]);
			expect(await entryOf(Object.fromEntries(tree))).toBe(files[0]);
			files.shift();
		}
	});

	it("that the manifest names comes before all others", async () => {
		expect(
			await entryOf({
				"index.ts": MODULE,
				"lib/start.mjs": MODULE,
				"algorithm.json": '{"entry":"lib/start.mjs"}',
			}),
		).toBe("lib/start.mjs");
	});

	it("that the manifest names and that is not there is a fault, whatever else is there", async () => {
		expect(
			await entryOf({
				"index.ts": MODULE,
				"algorithm.json": '{"entry":"start.mjs"}',
			}),
		).toBe('algorithm.json: "entry" names start.mjs, which is not there');
	});

	it("that is missing is a fault that lists what was looked for", async () => {
		expect(await entryOf({ "main.js": MODULE })).toMatch(
			/^no entry: none of index\.ts, index\.js, .* is there/,
		);
	});

	it("is not looked for when the manifest is broken: the fault names file and key", async () => {
		expect(
			await entryOf({ "index.ts": MODULE, "algorithm.json": '{"memory":1}' }),
		).toBe('algorithm.json: unknown key "memory"; did you mean "memoryMb"?');
	});
});
