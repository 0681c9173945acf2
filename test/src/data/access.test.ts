import { describe, expect, test } from "vitest";
import { localCaller } from "../../../src/accounts/caller.ts";
import { type Access, accessOf } from "../../../src/data/access.ts";
import type { Acl } from "../../../src/data/acl.ts";
import type { DataUser } from "../../../src/data/user.ts";
import { account, direct, within } from "./users.ts";

const ACLS: Acl[] = ["private", "algorithms", "public"];

/** Reading and writing, for each of ACLS: `+` allowed, `-` forbidden, `?` not even known. */
const TABLE: [who: string, user: DataUser, read: string, write: string][] = [
	["the owner's key", direct("ada"), "+++", "+++"],
	["the owner's key, in other letters", direct("ADA"), "+++", "+++"],
	["the owner's key that reads only", direct("ada", "read"), "+++", "---"],
	["the owner's key without data", direct("ada", "none"), "---", "---"],
	["somebody who owns all", { caller: localCaller("local") }, "+++", "+++"],
	[
		"an algorithm of the owner, called by another",
		within("ada/Mood", account("bob")),
		"?++",
		"?--",
	],
	[
		"an algorithm of the owner, called by another whose key has no data",
		within("Ada/Mood", account("bob", "none")),
		"?++",
		"?--",
	],
	[
		"an algorithm of the owner, called by the owner",
		within("ada/Mood", account("ada")),
		"+++",
		"+++",
	],
	[
		"any algorithm, called by the owner",
		within("bob/Mood", account("ada")),
		"+++",
		"+++",
	],
	[
		"an algorithm of the owner that loads, with the right to read",
		within("ada/Mood", account("ada", "read")),
		"+++",
		"---",
	],
	[
		"any algorithm, called by somebody who owns all",
		within("bob/Mood", localCaller("local")),
		"+++",
		"+++",
	],
	[
		"another's algorithm, called by another",
		within("bob/Mood", account("cy")),
		"??+",
		"??-",
	],
	["another account", direct("bob"), "??+", "??-"],
	["another account that reads only", direct("bob", "read"), "??+", "??-"],
	["another account without data", direct("bob", "none"), "??+", "??-"],
];

const SIGNS: Record<Access, string> = {
	allowed: "+",
	forbidden: "-",
	hidden: "?",
};

describe("a collection of ada's, private, for her algorithms, public (api-contract §5.9)", () => {
	const signs = (user: DataUser, use: "read" | "write") =>
		ACLS.map((acl) => SIGNS[accessOf(user, { owner: "ada", acl }, use)]).join(
			"",
		);

	test.each(TABLE)("%s reads", (_, user, read) => {
		expect(signs(user, "read")).toBe(read);
	});

	test.each(TABLE)("%s writes", (_, user, __, write) => {
		expect(signs(user, "write")).toBe(write);
	});
});
