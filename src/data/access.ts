import { isOwner } from "../accounts/caller.ts";
import { forbidden } from "../errors.ts";
import type { Acl } from "./acl.ts";
import { pathNotFound } from "./not-found.ts";
import type { DataUser } from "./user.ts";

export type Use = "read" | "write";

/** `hidden`: the caller may not even know that it is there. */
export type Access = "allowed" | "forbidden" | "hidden";

/**
 * Whether a user may do this to what lies in a collection (the table of api-contract §5.9). Code inside an algorithm has
 * the account's rights, not those of the key that called it, and while it loads the right to read: `caller` says so.
 */
export function accessOf(
	{ caller, inside }: DataUser,
	{ owner, acl }: { owner: string; acl: Acl },
	use: Use,
): Access {
	if (isOwner(caller, owner)) {
		const { data } = caller.rights;
		return data === "write" || data === use ? "allowed" : "forbidden";
	}
	const isReadable =
		acl === "public" ||
		(acl === "algorithms" &&
			inside?.owner.toLowerCase() === owner.toLowerCase());
	if (!isReadable) return "hidden";
	return use === "read" ? "allowed" : "forbidden";
}

/** @throws AlgoError NOT_FOUND where the user may not know of it, FORBIDDEN where a right is missing (api-contract §2.2) */
export function demandAccess(
	user: DataUser,
	collection: { owner: string; acl: Acl },
	use: Use,
): void {
	const access = accessOf(user, collection, use);
	if (access === "hidden") throw pathNotFound();
	if (access === "forbidden") throw forbidden();
}
