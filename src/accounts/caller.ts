/** Who calls, and what he may do. */
export interface Caller {
	/** The account that acts: `.my`, and whose sessions are counted. */
	account: string;
	rights: Rights;
	/** Counts as the owner of everything: nobody is asked for a key. */
	ownsAll: boolean;
}

/** Whether what belongs to this account is the caller's own. */
export const isOwner = (caller: Caller, owner: string): boolean =>
	caller.ownsAll || caller.account.toLowerCase() === owner.toLowerCase();

/** What a key allows (api-contract §2.3). */
export interface Rights {
	/** Which algorithms may be called: `algo://*`, `algo://OWNER/*`, `algo://OWNER/NAME` or `algo://OWNER/NAME/*`. */
	algorithms: readonly string[];
	/** On the account's own data. */
	data: "none" | "read" | "write";
	/** May create and change what the account has. */
	manage: boolean;
	/** May be used from browsers. */
	web: boolean;
	/** Then only from pages of this host; `*.example.com` stands for every host below it. */
	refererHost?: string;
	/** May do what only operators may. */
	admin: boolean;
}

/** Everything an account may do. */
export const FULL_RIGHTS: Rights = {
	algorithms: ["algo://*"],
	data: "write",
	manage: true,
	web: true,
	admin: false,
};

/** An admin key works on what is for operators and on nothing else (api-contract §2.3). */
export const ADMIN_RIGHTS: Rights = {
	algorithms: [],
	data: "none",
	manage: false,
	web: false,
	admin: true,
};

/** Who calls while nobody is asked for a key, and on the command line. */
export const localCaller = (account: string): Caller => ({
	account,
	rights: FULL_RIGHTS,
	ownsAll: true,
});

/** An account that acts for itself, with all its rights. */
export const ownerOf = (account: string): Caller => ({
	account,
	rights: FULL_RIGHTS,
	ownsAll: false,
});
