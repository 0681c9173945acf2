import { AlgoError } from "../errors.ts";

/** Who may read a collection besides its owner (api-contract §5.6). */
export type Acl = "public" | "algorithms" | "private";

export const DEFAULT_ACL: Acl = "algorithms";

const WORDS: Record<Acl, readonly string[]> = {
	public: ["user://*"],
	algorithms: ["algo://.my/*"],
	private: [],
};

/** The wire's form: `{"read":["user://*"]}`. */
export interface WrittenAcl {
	read: readonly string[];
}

export const writeAcl = (acl: Acl): WrittenAcl => ({ read: WORDS[acl] });

/**
 * @param written what the wire gave as `acl`
 * @throws AlgoError BAD_REQUEST saying what is allowed
 */
export function readAcl(written: unknown): Acl {
	const read: unknown = (written as Partial<WrittenAcl> | null)?.read;
	if (Array.isArray(read) && read.length <= 1)
		for (const acl of Object.keys(WORDS) as Acl[])
			if (WORDS[acl][0] === read[0]) return acl;
	throw new AlgoError(
		"BAD_REQUEST",
		`acl is ${JSON.stringify(written)}; it must be {"read":["user://*"]} (everybody), {"read":["algo://.my/*"]} (the owner's algorithms) or {"read":[]} (the owner alone)`,
	);
}
