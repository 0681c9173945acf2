import { createHash } from "node:crypto";
import {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
} from "../../registry/names.ts";
import type { DataUser } from "../user.ts";

/** What a path of `data://` means to this user, whether or not it is there (api-contract §5.2). */
export type Place =
	| { kind: "roots" }
	| { kind: "owner"; owner: string }
	| { kind: "collection"; owner: string; name: string; file?: string }
	| Special
	/** Nothing can ever be there. */
	| { kind: "nowhere"; why: string };

/** Below `.algo` and `.session`: nobody makes its directories, and it is the caller's own. */
export interface Special {
	kind: "special";
	/** The driver's folder. */
	folder: string;
	/** The full name, which means the same everywhere. */
	uri: string;
	/** A directory that is there even when it is empty. */
	isAlways: boolean;
	/** Files may be put into it. */
	hasFiles: boolean;
	file?: string;
}

const NESTED: Place = {
	kind: "nowhere",
	why: "there are no directories below a collection; put '-' or '_' into the file's name instead of '/', or make another collection",
};

export function placeOf(user: DataUser, names: readonly string[]): Place {
	const [root, ...rest] = names;
	if (root === undefined) return { kind: "roots" };
	if (root === ".algo") return algorithmPlace(user, rest);
	if (root === ".session") return sessionPlace(user, rest);
	const owner = root === ".my" ? user.caller.account : root;
	const [name, file, ...deeper] = rest;
	if (deeper.length > 0) return NESTED;
	if (name === undefined) return { kind: "owner", owner };
	return { kind: "collection", owner, name, ...(file && { file }) };
}

/** `.algo/AUTHOR/NAME/perm|temp/FILE`; inside an algorithm `.algo/perm|temp/FILE` is its own. */
function algorithmPlace(
	{ caller, inside }: DataUser,
	names: readonly string[],
): Place {
	const isOwn = inside !== undefined && isLife(names[0]);
	const long = isOwn ? [inside.owner, inside.name, ...names] : names;
	const [author, name, life, file, ...deeper] = long;
	if (deeper.length > 0) return NESTED;
	const fault =
		(author !== undefined && nameFault(author, MAX_OWNER_LENGTH)) ||
		(name !== undefined && nameFault(name, MAX_NAME_LENGTH)) ||
		(life !== undefined && !isLife(life) && "is neither perm nor temp");
	if (fault)
		return {
			kind: "nowhere",
			why: `.algo/${long.join("/")} is no path of .algo/AUTHOR/NAME/perm/FILE or .algo/AUTHOR/NAME/temp/FILE: a part of it ${fault}`,
		};
	const directory = long.slice(0, 3);
	return {
		kind: "special",
		folder: ["algo", accountFolder(caller.account), ...directory].join("/"),
		uri: ["data://.algo", ...directory].join("/"),
		isAlways: isOwn || author === undefined,
		hasFiles: life !== undefined,
		...(file && { file }),
	};
}

const isLife = (name: string | undefined): boolean =>
	name === "perm" || name === "temp";

function sessionPlace(
	{ caller, inside }: DataUser,
	names: readonly string[],
): Place {
	const [file, ...deeper] = names;
	if (deeper.length > 0) return NESTED;
	if (inside === undefined)
		return {
			kind: "nowhere",
			why: ".session lives as long as one call and is there for the algorithms of that call only",
		};
	return {
		kind: "special",
		folder: sessionFolder(caller.account, inside.tree),
		uri: "data://.session",
		isAlways: true,
		hasFiles: true,
		...(file && { file }),
	};
}

/** Callers may choose the id of their call: it is no name for a folder, and another account's may be the same. */
export function sessionFolder(account: string, tree: string): string {
	const hash = createHash("sha256").update(tree).digest("hex");
	return `session/${accountFolder(account)}/${hash}`;
}

/** Accounts are told apart whatever the case they are written in. */
export const accountFolder = (account: string): string => account.toLowerCase();
