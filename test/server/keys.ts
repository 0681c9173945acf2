import {
	createKey,
	FULL_RIGHTS,
	type Rights,
	type Store,
} from "../../src/index.ts";

/** A key that may do everything but what is said otherwise, as the header that carries it. */
export async function keyFor(
	store: Store,
	account: string,
	rights: Partial<Rights> = {},
	label?: string,
): Promise<{ Authorization: string }> {
	const key = await createKey(store, {
		account,
		rights: { ...FULL_RIGHTS, ...rights },
		label,
	});
	return { Authorization: `Simple ${key}` };
}
