import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import { AlgoError } from "../../errors.ts";
import type { Acl } from "../acl.ts";
import type { Driver, ListOptions, Page } from "../driver.ts";
import { pathNotFound } from "../not-found.ts";
import { accountFolder } from "./place.ts";

/** What is known of a collection; an object of the store, like its files. */
export interface Collection {
	/** Another one of the same name has another id. */
	id: string;
	owner: string;
	name: string;
	acl: Acl;
}

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$/;

/** The collections of a store: their names and ACLs under `collections/`, their files under `files/`. */
export class Collections {
	readonly #driver: Driver;

	constructor(driver: Driver) {
		this.#driver = driver;
	}

	async find(owner: string, name: string): Promise<Collection | undefined> {
		const found = await this.#driver.get(keyOf(owner, name));
		return found && ((await json(found.stream)) as Collection);
	}

	/** @throws AlgoError BAD_REQUEST, CONFLICT */
	async create(owner: string, name: string, acl: Acl): Promise<Collection> {
		checkName("owner", owner);
		checkName("collection", name);
		const collection = { id: randomUUID(), owner, name, acl };
		try {
			await this.#write(collection, true);
		} catch (error) {
			if (error instanceof AlgoError && error.code === "CONFLICT")
				throw directoryExists();
			throw error;
		}
		return collection;
	}

	/** @throws AlgoError PATH_NOT_FOUND */
	async setAcl(owner: string, name: string, acl: Acl): Promise<void> {
		const found = await this.find(owner, name);
		if (found === undefined) throw pathNotFound();
		await this.#write({ ...found, acl }, false);
	}

	async remove({ owner, name }: Collection): Promise<void> {
		await this.#driver.delete([keyOf(owner, name)]);
	}

	/** Names, as the page's files. */
	ofOwner(owner: string, options: ListOptions): Promise<Page> {
		return this.#driver.list(`collections/${accountFolder(owner)}`, options);
	}

	/** Accounts that have some, 1000 at most. */
	async owners(): Promise<string[]> {
		return (await this.#driver.list("collections", { limit: 1000 })).folders;
	}

	async #write(collection: Collection, onlyIfAbsent: boolean): Promise<void> {
		const content = Readable.from([Buffer.from(JSON.stringify(collection))]);
		const { owner, name } = collection;
		await this.#driver.put(keyOf(owner, name), content, { onlyIfAbsent });
	}
}

export const filesFolder = (owner: string, name: string): string =>
	`files/${accountFolder(owner)}/${name}`;

export const directoryExists = (): AlgoError =>
	new AlgoError("CONFLICT", "directory already exists");

const keyOf = (owner: string, name: string): string =>
	`collections/${accountFolder(owner)}/${name}`;

/** @throws AlgoError BAD_REQUEST (api-contract §5.2) */
function checkName(what: string, name: string): void {
	if (!NAME.test(name))
		throw new AlgoError(
			"BAD_REQUEST",
			`the ${what} '${name.slice(0, 300)}' cannot be called so: letters, digits, '_', '-' and '.', no '.' at the front, 255 characters at most`,
		);
}
