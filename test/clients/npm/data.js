/** Keeps data as users of the client do, in collections of its own; each step goes on from the last. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { algorithmia } from "./algorithmia.js";
import { show } from "./seen.js";

const client = algorithmia();
const robots = client.dir("data://.my/npm_robots");
const crowd = client.dir("data://.my/npm_crowd");

/**
 * Most of the client's functions call back with one value.
 * @template T
 * @param {(callback: (value: T) => void) => unknown} start
 * @returns {Promise<T>}
 */
const answer = (start) => new Promise((resolve) => start(resolve));

/** @param {string} name */
const get = (name) =>
	new Promise((resolve) =>
		robots.file(name).get((error, data) => resolve(error ?? data)),
	);

/** @param {"forEachFile" | "forEachDir"} each @param {import("./algorithmia.js").Dir} directory */
const list = (each, directory) =>
	new Promise((resolve) => {
		/** @type {string[]} */
		const names = [];
		directory[each]((_, item) => names.push(item.basename())).then(() =>
			resolve(names),
		);
	});

await show({
	"exists, before": () => answer((done) => robots.exists(done)),
	create: () => answer((done) => robots.create(done)),
	exists: () => answer((done) => robots.exists(done)),
	"create again": () => answer((done) => robots.create(done)),
	"put text": () =>
		answer((done) => robots.file("a.txt").put("Grüße, 世界", done)),
	"get text": () => get("a.txt"),
	getString: () => answer((done) => robots.file("a.txt").getString(done)),
	bytes: async () => {
		await answer((done) =>
			robots.file("a.bin").put(Buffer.from([0, 255]), done),
		);
		const bytes = await get("a.bin");
		return Buffer.isBuffer(bytes) && bytes.toString("hex");
	},
	putString: async () => {
		await answer((done) => robots.file("b").putString("plain", done));
		return answer((done) => robots.file("b").getString(done));
	},
	putJson: async () => {
		await answer((done) => robots.file("a.json").putJson('{"a":[1]}', done));
		return answer((done) => robots.file("a.json").getJson(done));
	},
	"get of a JSON file": async () => {
		const bytes = await get("a.json");
		return Buffer.isBuffer(bytes) && bytes.toString();
	},
	putFile: async () => {
		const path = join(await mkdtemp(join(tmpdir(), "applyd-test-")), "c.txt");
		await writeFile(path, "from a file");
		await answer((done) => robots.putFile(path, done));
		return get("c.txt");
	},
	"file exists": () => answer((done) => robots.file("b").exists(done)),
	"file does not exist": () =>
		answer((done) => robots.file("none").exists(done)),
	"get what is not there": () => get("none"),
	"getString of what is not there": () =>
		answer((done) => robots.file("none").getString(done)),
	"put into what is not there": () =>
		answer((done) => client.file("data://.my/npm_none/a").put("a", done)),
	files: () => list("forEachFile", robots),
	dirs: () => list("forEachDir", client.dir("data://.my")),
	"1100 files": async () => {
		await answer((done) => crowd.create(done));
		const names = Array.from({ length: 1100 }, (_, i) => `${10_000 + i}`);
		while (names.length > 0)
			await Promise.all(
				names
					.splice(0, 50)
					.map((name) => answer((done) => crowd.file(name).put(name, done))),
			);
		const listed = /** @type {string[]} */ (await list("forEachFile", crowd));
		return listed.every((name, i) => name === `${10_000 + i}`) && listed.length;
	},
	"delete a file": () => answer((done) => robots.file("b").delete(done)),
	"delete it again": () => answer((done) => robots.file("b").delete(done)),
	"delete what is not empty": () =>
		answer((done) => robots.delete(false, done)),
	"delete with force": async () => [
		await answer((done) => robots.delete(true, done)),
		await answer((done) => crowd.delete(true, done)),
	],
	gone: () => answer((done) => robots.exists(done)),
});
