import { isOwner } from "../../accounts/caller.ts";
import { accessOf, demandAccess } from "../access.ts";
import type { Listing } from "../connector.ts";
import type { ListOptions } from "../driver.ts";
import { pathNotFound } from "../not-found.ts";
import type { DataUser } from "../user.ts";
import type { Collections } from "./collections.ts";
import { accountFolder } from "./place.ts";

/** What a user sees at the top. The account's own comes first: clients take it for their name (api-contract §5.2). */
export async function rootsOf(
	collections: Collections,
	{ caller }: DataUser,
): Promise<string[]> {
	if (!caller.ownsAll) return [caller.account];
	const own = accountFolder(caller.account);
	const owners = await collections.owners();
	return [caller.account, ...owners.filter((owner) => owner !== own)];
}

/** What a user sees of an account: all that is his, of somebody else's what he may read. @throws AlgoError PATH_NOT_FOUND, FORBIDDEN */
export function collectionsOf(
	collections: Collections,
	user: DataUser,
	owner: string,
	options: ListOptions,
): Promise<Listing> {
	return isOwner(user.caller, owner)
		? ownCollections(collections, user, owner, options)
		: readableCollections(collections, user, owner, options);
}

async function ownCollections(
	collections: Collections,
	user: DataUser,
	owner: string,
	options: ListOptions,
): Promise<Listing> {
	demandAccess(user, { owner, acl: "private" }, "read");
	const { files, last } = await collections.ofOwner(owner, options);
	// Who owns all may name any account: one without a collection is a slip of the pen.
	const isOwn = accountFolder(owner) === accountFolder(user.caller.account);
	if (files.length === 0 && options.after === undefined && !isOwn)
		throw pathNotFound();
	return {
		folders: files.map(({ name }) => name),
		files: [],
		...(last !== undefined && { last }),
	};
}

async function readableCollections(
	collections: Collections,
	user: DataUser,
	owner: string,
	{ after, limit }: ListOptions,
): Promise<Listing> {
	const folders: string[] = [];
	let behind = after;
	do {
		const page = await collections.ofOwner(owner, {
			after: behind,
			limit: limit - folders.length,
		});
		for (const { name } of page.files) {
			const found = await collections.find(owner, name);
			if (found && accessOf(user, found, "read") === "allowed")
				folders.push(name);
		}
		behind = page.last;
	} while (behind !== undefined && folders.length < limit);
	if (folders.length === 0 && after === undefined) throw pathNotFound();
	return {
		folders,
		files: [],
		...(behind !== undefined && { last: behind }),
	};
}
