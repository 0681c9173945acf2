import {
	mkdir,
	mkdtemp,
	rename,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	ListenersFile,
	readListenersFile,
} from "../../../../src/listeners/declared/file.ts";
import { until } from "../../../support/until.ts";

const context = { account: "ada", maxTimeoutSeconds: 3000, environment: {} };

let folder: string;
let path: string;
let changes: string[][];
let faults: string[];
let file: ListenersFile;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	path = join(folder, "listeners.json");
	changes = [];
	faults = [];
	file = new ListenersFile({
		...context,
		path,
		onChange: (listeners) => changes.push(listeners.map(({ name }) => name)),
		onFault: ({ message }) => faults.push(message),
	});
});
afterEach(async () => {
	file.close();
	await rm(folder, { recursive: true });
});

const textOf = (...names: string[]) =>
	JSON.stringify({
		listeners: names.map((name) => ({
			name,
			algorithm: "a/B",
			source: { type: "sqs", queueUrl: "http://127.0.0.1/q" },
		})),
	});
const told = (count: number) =>
	until("it is told", () => changes.length === count);

describe("a listeners file", () => {
	it("that is bad is refused by its name", async () => {
		await writeFile(path, "{}");
		await expect(readListenersFile(path, context)).rejects.toThrow(
			`${path}: "listeners" is missing`,
		);
		await rm(path);
		await expect(file.read()).rejects.toThrow(
			`the listeners file ${path} cannot be read: ENOENT`,
		);
	});

	it("counts again when it is written, or another one is put in its place", async () => {
		await writeFile(path, textOf("one"));
		expect(await file.read()).toMatchObject([{ name: "one" }]);
		file.watch();
		await writeFile(path, textOf("two"));
		await told(1);
		await writeFile(`${path}~`, textOf("three"));
		await rename(`${path}~`, path);
		await told(2);
		expect(changes).toEqual([["two"], ["three"]]);
		expect(faults).toEqual([]);
	});

	it("counts again when a link of a folder above it is turned, as Kubernetes does", async () => {
		for (const name of ["one", "two"]) {
			await mkdir(join(folder, name));
			await writeFile(join(folder, name, "listeners.json"), textOf(name));
		}
		await symlink("one", join(folder, "..data"));
		await symlink("..data/listeners.json", path);
		await file.read();
		file.watch();
		await symlink("two", join(folder, "..new"));
		await rename(join(folder, "..new"), join(folder, "..data"));
		await told(1);
		expect(changes).toEqual([["two"]]);
	});

	it("that is bad is said once, and again when it is bad in another way", async () => {
		await writeFile(path, textOf("one"));
		await file.read();
		file.watch();
		await writeFile(path, "{}");
		await until("it is told", () => faults.length === 1);
		await writeFile(path, "[]");
		await until("it is told", () => faults.length === 2);
		await writeFile(path, textOf("one"));
		await told(1);
		expect(faults).toEqual([
			`${path}: "listeners" is missing; it must be a list; the listeners stay as they were`,
			`${path}: must be an object: {"listeners": […]}; the listeners stay as they were`,
		]);
	});
});
