import type { Readable } from "node:stream";
import { AlgoError } from "../../errors.ts";
import { demandAccess, type Use } from "../access.ts";
import type { Acl } from "../acl.ts";
import type { Connector, Listing } from "../connector.ts";
import type {
	ByteRange,
	Driver,
	ListOptions,
	ObjectInfo,
	OpenObject,
} from "../driver.ts";
import { pathNotFound } from "../not-found.ts";
import { demandEmpty, removeAll } from "../remove-all.ts";
import type { DataUser } from "../user.ts";
import {
	type Collection,
	Collections,
	directoryExists,
	filesFolder,
} from "./collections.ts";
import { collectionsOf, rootsOf } from "./owners.ts";
import { type Place, placeOf, type Special } from "./place.ts";

type InDirectory = Special | Extract<Place, { kind: "collection" }>;

/** A directory that holds files, and that the user may use. */
interface Directory {
	/** The driver's folder. */
	folder: string;
	uri: string;
	collection?: Collection;
}

/** `data://`: collections with their ACLs, and the special roots, on any driver. */
export class HostedConnector implements Connector {
	readonly #driver: Driver;
	readonly #collections: Collections;

	constructor(driver: Driver) {
		this.#driver = driver;
		this.#collections = new Collections(driver);
	}

	async get(
		user: DataUser,
		names: readonly string[],
		range?: ByteRange,
	): Promise<OpenObject | undefined> {
		const key = await this.#fileToRead(user, placeOf(user, names));
		if (key === undefined) return undefined;
		const found = await this.#driver.get(key, range);
		if (found === undefined) throw pathNotFound();
		return found;
	}

	async stat(
		user: DataUser,
		names: readonly string[],
	): Promise<ObjectInfo | undefined> {
		const key = await this.#fileToRead(user, placeOf(user, names));
		if (key === undefined) {
			await this.list(user, names, { limit: 1 });
			return undefined;
		}
		const found = await this.#driver.head(key);
		if (found === undefined) throw pathNotFound();
		return found;
	}

	async list(
		user: DataUser,
		names: readonly string[],
		options: ListOptions,
	): Promise<Listing> {
		const place = placeOf(user, names);
		switch (place.kind) {
			case "roots":
				return { folders: await rootsOf(this.#collections, user), files: [] };
			case "owner":
				return collectionsOf(this.#collections, user, place.owner, options);
			case "collection": {
				const { folder, collection } = await this.#open(user, place, "read");
				const page = await this.#driver.list(folder, options);
				return { ...page, ...(collection && { acl: collection.acl }) };
			}
			case "special": {
				const { folder } = await this.#open(user, place, "read");
				const page = await this.#driver.list(folder, options);
				const isEmpty = page.files.length + page.folders.length === 0;
				if (isEmpty && !place.isAlways && options.after === undefined)
					throw pathNotFound();
				return page;
			}
			case "nowhere":
				throw pathNotFound();
		}
	}

	async put(
		user: DataUser,
		names: readonly string[],
		content: Readable,
	): Promise<string> {
		const place = placeOf(user, names);
		const { directory, file } = await this.#fileToWrite(user, place);
		const key = `${directory.folder}/${file}`;
		await this.#driver.put(key, content);
		const { collection } = directory;
		if (collection && !(await this.#isStillThere(collection))) {
			await this.#driver.delete([key]);
			throw pathNotFound();
		}
		return `${directory.uri}/${file}`;
	}

	async createDirectory(
		user: DataUser,
		parent: readonly string[],
		name: string,
		acl: Acl,
	): Promise<string> {
		const place = placeOf(user, parent);
		if (place.kind === "owner") {
			const { owner } = place;
			demandAccess(user, { owner, acl: "public" }, "write");
			await this.#collections.create(owner, name, acl);
			return `data://${owner}/${name}`;
		}
		const made = placeOf(user, [...parent, name]);
		if (made.kind === "special" && made.isAlways) throw directoryExists();
		if (place.kind === "collection")
			demandAccess(user, { owner: place.owner, acl: "public" }, "write");
		throw new AlgoError(
			"BAD_REQUEST",
			made.kind === "collection" && made.file !== undefined
				? "there are no directories below a collection; make another collection"
				: `no directory can be made here; a collection is made with POST /v1/data/.my and {"name":"NAME"}`,
		);
	}

	async setAcl(
		user: DataUser,
		names: readonly string[],
		acl: Acl,
	): Promise<void> {
		const place = placeOf(user, names);
		if (place.kind !== "collection" || place.file !== undefined)
			throw new AlgoError("BAD_REQUEST", "only a collection has an acl");
		await this.#open(user, place, "write");
		await this.#collections.setAcl(place.owner, place.name, acl);
	}

	async remove(
		user: DataUser,
		names: readonly string[],
		force: boolean,
	): Promise<number> {
		const place = placeOf(user, names);
		if (isFile(place)) {
			const { directory, file } = await this.#fileToWrite(user, place);
			const key = `${directory.folder}/${file}`;
			if ((await this.#driver.head(key)) === undefined) throw pathNotFound();
			await this.#driver.delete([key]);
			return 1;
		}
		if (place.kind === "nowhere") throw pathNotFound();
		if (
			place.kind !== "collection" &&
			(place.kind !== "special" || !place.hasFiles)
		)
			throw new AlgoError(
				"BAD_REQUEST",
				"this directory cannot be deleted; a collection or a file in it can",
			);
		const { folder, collection } = await this.#open(user, place, "write");
		if (!force) await demandEmpty(this.#driver, folder);
		let deleted = await removeAll(this.#driver, folder);
		if (collection) {
			await this.#collections.remove(collection);
			deleted += await removeAll(this.#driver, folder); // put while it was being deleted
		}
		return Math.max(1, deleted);
	}

	/** The caller's own collections (api-contract §5.10). @throws AlgoError FORBIDDEN */
	async ownedBy(user: DataUser): Promise<Collection[]> {
		const owner = user.caller.account;
		demandAccess(user, { owner, acl: "private" }, "read");
		const all: Collection[] = [];
		let after: string | undefined;
		do {
			const page = await this.#collections.ofOwner(owner, {
				after,
				limit: 100,
			});
			const found = await Promise.all(
				page.files.map(({ name }) => this.#collections.find(owner, name)),
			);
			all.push(...found.filter((collection) => collection !== undefined));
			after = page.last;
		} while (after !== undefined);
		return all;
	}

	/** @returns the driver's key; `undefined` if the place is a directory */
	async #fileToRead(user: DataUser, place: Place): Promise<string | undefined> {
		if (place.kind === "nowhere") throw pathNotFound();
		if (!isFile(place)) return undefined;
		const { folder } = await this.#open(user, place, "read");
		return `${folder}/${place.file}`;
	}

	async #fileToWrite(
		user: DataUser,
		place: Place,
	): Promise<{ directory: Directory; file: string }> {
		if (place.kind === "nowhere") throw new AlgoError("BAD_REQUEST", place.why);
		if (isFile(place))
			return {
				directory: await this.#open(user, place, "write"),
				file: place.file,
			};
		throw new AlgoError(
			"BAD_REQUEST",
			"this is a directory; a file is data://OWNER/COLLECTION/FILE",
		);
	}

	/** @throws AlgoError PATH_NOT_FOUND, FORBIDDEN */
	async #open(
		user: DataUser,
		place: InDirectory,
		use: Use,
	): Promise<Directory> {
		if (place.kind === "special") {
			const owner = user.caller.account;
			demandAccess(user, { owner, acl: "private" }, use);
			return place;
		}
		const { owner, name } = place;
		const collection = await this.#collections.find(owner, name);
		demandAccess(user, collection ?? { owner, acl: "private" }, use);
		if (collection === undefined) throw pathNotFound();
		return {
			folder: filesFolder(owner, name),
			uri: `data://${collection.owner}/${name}`,
			collection,
		};
	}

	/** Somebody may have deleted it while a file of it was on its way. */
	async #isStillThere({ id, owner, name }: Collection): Promise<boolean> {
		return (await this.#collections.find(owner, name))?.id === id;
	}
}

const isFile = (place: Place): place is InDirectory & { file: string } =>
	"file" in place;
