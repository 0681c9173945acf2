import type { KeyRow } from "../store/keys.ts";
import type { Store } from "../store/store.ts";
import type { Rights } from "./caller.ts";
import { hashOf, maskOf, newKey } from "./key-text.ts";

/** A key as its owner sees it. */
export interface Key {
	mask: string;
	label: string | undefined;
	account: string;
	rights: Rights;
	createdAt: string;
	revokedAt: string | undefined;
}

/**
 * Makes a key, and its account if that is new.
 * @returns the key itself; nobody can read it again
 */
export async function createKey(
	store: Store,
	key: { account: string; rights: Rights; label: string | undefined },
): Promise<string> {
	for (;;) {
		const text = newKey();
		const isAdded = await store.keys.add(
			{
				hash: hashOf(text),
				mask: maskOf(text),
				label: key.label ?? null,
				account: key.account,
				rights: JSON.stringify(key.rights),
			},
			new Date(),
		);
		if (isAdded) return text;
	}
}

/** All there ever were, the oldest change first. */
export async function listKeys(store: Store): Promise<Key[]> {
	return (await store.keys.changedSince(0)).map((row) => ({
		mask: row.mask,
		label: row.label ?? undefined,
		account: row.account,
		rights: rightsOf(row),
		createdAt: row.createdAt,
		revokedAt: row.revokedAt ?? undefined,
	}));
}

/**
 * @param name a mask or a label, as a list shows it; "..." stands for the mask's "…"
 * @returns the mask of the key that is good for nothing from now on
 * @throws Error: no key, a revoked one or several have that name
 */
export async function revokeKey(store: Store, name: string): Promise<string> {
	const mask = name.replace("...", "…");
	const named = (await store.keys.changedSince(0)).filter(
		(row) => row.mask === mask || row.label === name,
	);
	const inForce = named.filter(({ revokedAt }) => revokedAt === null);
	const [key, ...others] = inForce;
	if (key && others.length > 0)
		throw new Error(
			`${inForce.length} keys are called ${name}; name one by its mask: ${inForce.map((row) => `${row.mask} (${row.account})`).join(", ")}`,
		);
	if (key) {
		await store.keys.revoke(key.hash, new Date());
		return key.mask;
	}
	throw new Error(
		named[0]
			? `the key ${name} was revoked at ${named[0].revokedAt}`
			: `no key has the mask or label ${name}; applyd key list shows all`,
	);
}

export const rightsOf = (row: KeyRow): Rights => JSON.parse(row.rights);
