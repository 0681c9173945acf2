import { AlgoError } from "../errors.ts";
import type { Events } from "../events.ts";
import { scanRoot } from "./scan.ts";
import { newestFirst, parseSelector, select } from "./selector.ts";
import type { Stray, Version } from "./version.ts";
import { FolderWatch } from "./watch.ts";

/** Paths whose version is remembered. */
const MAX_RESOLVED = 10_000;
/** Without a call, changes are looked at this long after the last one. */
const SETTLE_MS = 100;

const pathOf = (owner: string, name: string, selector?: string): string =>
	selector === undefined ? `${owner}/${name}` : `${owner}/${name}/${selector}`;

/** Nothing is there, or nothing that the caller may know of: both look alike (api-contract §3.2). */
export const notFound = (
	owner: string,
	name: string,
	selector?: string,
): AlgoError =>
	new AlgoError(
		"NOT_FOUND",
		`algorithm algo://${pathOf(owner, name, selector)} not found`,
	);

/** The algorithms under the roots, and which of them a caller means. */
export class Registry {
	readonly #roots: readonly string[];
	readonly #events: Events;
	readonly #onReplaced: (version: Version) => void;
	readonly #watch: FolderWatch | undefined;
	/** Which version's folder a watched folder belongs to. */
	readonly #owners = new Map<string, string | undefined>();
	#byFolder = new Map<string, Version>();
	/** Newest first. */
	#byName = new Map<string, Version[]>();
	/** The one name behind each lower-case one: names match in any case (api-contract §1.2). */
	#spelling = new Map<string, string>();
	/** What `resolve` has found, by path. */
	readonly #resolved = new Map<string, Version>();
	#strays: Stray[] = [];
	#isStale = true;
	#refreshing: Promise<void> | undefined;
	#timer: NodeJS.Timeout | undefined;

	/**
	 * @param options.roots absolute paths; a version in an earlier one hides the same in a later one
	 * @param options.onReplaced a version object is no longer in force
	 */
	constructor(options: {
		roots: readonly string[];
		watch: boolean;
		events: Events;
		onReplaced: (version: Version) => void;
	}) {
		this.#roots = options.roots;
		this.#events = options.events;
		this.#onReplaced = options.onReplaced;
		if (options.watch)
			this.#watch = new FolderWatch((folder) => this.#changed(folder));
	}

	/** All versions, in the order of their names, newest first within a name. */
	get versions(): readonly Version[] {
		return [...this.#byName.values()].flat();
	}

	/** Folders that are no versions. */
	get strays(): readonly Stray[] {
		return this.#strays;
	}

	/** Whether something has changed since the last reading: `refresh` before the next `resolve`. */
	get isStale(): boolean {
		return this.#isStale;
	}

	/**
	 * Whoever asks: a private version is for its owner's eyes, and the caller of this sees to it.
	 * @throws AlgoError NOT_FOUND, with the path as requested (api-contract §3.8 b)
	 */
	resolve(owner: string, name: string, selector?: string): Version {
		const asked = `${owner}/${name}`;
		const path = pathOf(owner, name, selector);
		const known = this.#resolved.get(path);
		if (known) return known;
		const parsed = parseSelector(selector);
		const versions =
			this.#byName.get(asked) ??
			this.#byName.get(this.#spelling.get(asked.toLowerCase()) ?? "");
		const version = parsed && versions && select(versions, parsed);
		if (!version) throw notFound(owner, name, selector);
		if (this.#resolved.size >= MAX_RESOLVED) this.#resolved.clear(); // names match in any case: there is no end of spellings
		this.#resolved.set(path, version);
		return version;
	}

	/** Reads what has changed. Concurrent calls share one reading. */
	async refresh(): Promise<void> {
		while (this.#isStale) {
			this.#refreshing ??= this.#read().finally(() => {
				this.#refreshing = undefined;
			});
			await this.#refreshing;
		}
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#watch?.close();
	}

	#changed(folder: string): void {
		const version = this.#byFolder.get(this.#owners.get(folder) ?? "");
		if (version) version.isStale = true;
		this.#isStale = true;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.refresh().catch(() => {}), SETTLE_MS);
		this.#timer.unref();
	}

	async #read(): Promise<void> {
		this.#isStale = false;
		const seen = new Set<string>();
		const onFolder = (folder: string, version: string | undefined) => {
			seen.add(folder);
			this.#owners.set(folder, version);
			this.#watch?.add(folder);
		};
		const versions = new Map<string, Version>();
		const strays: Stray[] = [];
		for (const root of this.#roots) {
			const scan = await scanRoot(root, this.#byFolder, onFolder).catch(
				(error) => {
					this.#isStale = true; // a folder went while it was read: the next reading finds out
					throw error;
				},
			);
			strays.push(...scan.strays);
			for (const version of scan.versions)
				versions.set(version.folder, version);
		}
		const kept = (folder: string) =>
			seen.has(folder) || versions.has(this.#owners.get(folder) ?? "");
		this.#watch?.keepOnly(kept);
		for (const folder of this.#owners.keys())
			if (!kept(folder)) this.#owners.delete(folder);
		this.#take(versions, strays);
	}

	#take(versions: Map<string, Version>, strays: Stray[]): void {
		const before = this.#byFolder;
		const known = new Set(
			this.#strays.map(({ path, message }) => path + message),
		);
		this.#byFolder = versions;
		this.#group([...versions.values()], strays);
		this.#strays = strays;
		for (const { path, message } of strays) {
			if (!known.has(path + message))
				this.#events.emit("algorithm", {
					algorithm: path,
					change: "broken",
					error: message,
				});
		}
		for (const version of versions.values()) {
			const old = before.get(version.folder);
			if (old === version) continue;
			const change = version.fault ? "broken" : old ? "changed" : "added";
			this.#events.emit("algorithm", {
				algorithm: version.ref,
				change,
				...(version.fault && { error: version.fault.message }),
			});
			if (old) this.#onReplaced(old);
		}
		for (const [folder, old] of before) {
			if (versions.has(folder)) continue;
			this.#events.emit("algorithm", { algorithm: old.ref, change: "removed" });
			this.#onReplaced(old);
		}
	}

	#group(versions: Version[], strays: Stray[]): void {
		this.#resolved.clear();
		this.#byName = new Map();
		this.#spelling = new Map();
		const names = new Intl.Collator("en", { caseFirst: "upper" });
		versions.sort(
			(a, b) =>
				names.compare(a.owner, b.owner) ||
				names.compare(a.name, b.name) ||
				newestFirst(a, b),
		);
		for (const version of versions) {
			const name = `${version.owner}/${version.name}`;
			const first = this.#spelling.get(name.toLowerCase()) ?? name;
			this.#spelling.set(name.toLowerCase(), first);
			const known = this.#byName.get(name) ?? [];
			if (first !== name) {
				strays.push({
					path: version.folder,
					message: `differs only in case from ${first}, and names match in any case`,
				});
			} else if (known.some((other) => other.version === version.version)) {
				strays.push({
					path: version.folder,
					message: `is hidden by ${version.ref} of an earlier root`,
				});
			} else {
				this.#byName.set(name, [...known, version]);
			}
		}
	}
}
