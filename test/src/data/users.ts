import {
	type Caller,
	FULL_RIGHTS,
	type Rights,
} from "../../../src/accounts/caller.ts";
import type { DataUser } from "../../../src/data/user.ts";

export const account = (
	name: string,
	data: Rights["data"] = "write",
): Caller => ({
	account: name,
	rights: { ...FULL_RIGHTS, data },
	ownsAll: false,
});

/** Somebody with a key. */
export const direct = (
	name: string,
	data: Rights["data"] = "write",
): DataUser => ({ caller: account(name, data) });

/** An algorithm, called by somebody. */
export const within = (
	algorithm: string,
	caller: Caller,
	tree = "tree-1",
): DataUser => {
	const [owner = "", name = ""] = algorithm.split("/");
	return { caller, inside: { owner, name, tree } };
};
