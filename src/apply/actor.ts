import { randomUUID } from "node:crypto";
import { FULL_RIGHTS } from "../accounts/caller.ts";
import type { DataUser } from "../data/user.ts";
import type { Call } from "../runners/call.ts";

/** As whom code inside an algorithm acts. */
export interface Actor extends Required<DataUser> {
	/** Absent while it loads. */
	call: Call | undefined;
}

/**
 * In a call code acts for its caller; while it loads for its owner, who may then only read (api-contract §11.8).
 * @param algorithm `owner/name/version`
 */
export function actorOf(algorithm: string, call: Call | undefined): Actor {
	const [owner = "", name = ""] = algorithm.split("/");
	const inside = { owner, name, tree: call ? treeOf(call) : "load" };
	if (!call) {
		const rights = { ...NO_RIGHTS, data: "read" as const };
		return {
			caller: { account: owner, rights, ownsAll: false },
			inside,
			call,
		};
	}
	// The account's rights, not its key's: a key that may call one algorithm need not name all that this one calls.
	const rights = { ...FULL_RIGHTS, manage: false };
	return { caller: { ...call.caller, rights }, inside, call };
}

/** Not the request's id, which callers choose: the tree's `.session` must not be another's. */
function treeOf({ root }: Call): string {
	root.treeId ??= randomUUID();
	return root.treeId;
}

const NO_RIGHTS = {
	algorithms: [],
	data: "none" as const,
	manage: false,
	web: false,
	admin: false,
};
