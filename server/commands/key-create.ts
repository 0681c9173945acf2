import {
	ADMIN_RIGHTS,
	createKey,
	FULL_RIGHTS,
	MAX_OWNER_LENGTH,
	nameFault,
	patternFault,
	type Rights,
	Store,
	UsageError,
} from "../../src/index.ts";
import type { Command, CommandLine } from "../command-line.ts";

type Options = CommandLine["options"];

export const keyCreate: Command = {
	summary:
		"Prints a new key; it may do everything its account may, or what is said",
	arguments: "ACCOUNT",
	options: {
		label: { type: "string", value: "TEXT", help: "to know it by" },
		allow: {
			type: "string",
			value: "PATTERN",
			multiple: true,
			help: "may call algo://*, algo://OWNER/* or algo://OWNER/NAME, and nothing else unless said (repeatable)",
		},
		data: {
			type: "string",
			value: "none|read|write",
			help: "on its account's data (default write; none with --allow)",
		},
		manage: {
			type: "boolean",
			help: "may create and change algorithms, even with --allow",
		},
		web: {
			type: "boolean",
			help: "may be used in browsers, even with --allow",
		},
		referer: {
			type: "string",
			value: "HOST",
			help: "in browsers, on pages of this host only; *.example.com is every host below it",
		},
		admin: { type: "boolean", help: "for operators: administration only" },
	},
	settings: ["state"],
	async run({ positionals, options, config }) {
		const [account, ...rest] = positionals;
		if (account === undefined || rest.length > 0)
			throw new UsageError(
				"key create needs one account: applyd key create ACCOUNT",
			);
		const fault = nameFault(account, MAX_OWNER_LENGTH);
		if (fault) throw new UsageError(`${JSON.stringify(account)} ${fault}`);
		const { label } = options;
		if (label === "") throw new UsageError("--label is empty");
		const rights = readRights(options);
		using store = await Store.open(config.state);
		const key = await createKey(store, {
			account,
			rights,
			label: label === undefined ? undefined : String(label),
		});
		process.stdout.write(`${key}\n`);
		return 0;
	},
};

/**
 * What the options allow. `--allow` makes a narrow key that has only what is said; without it a key has
 * everything but what `--data` and `--referer` take away.
 * @throws UsageError
 */
export function readRights(options: Options): Rights {
	const { data, referer } = options;
	const allow = options.allow as string[] | undefined;
	const isNarrow = allow !== undefined;
	if (options.admin) {
		const other = ["allow", "data", "manage", "web", "referer"].find(
			(name) => options[name] !== undefined,
		);
		if (other)
			throw new UsageError(
				`--admin and --${other} exclude each other: an admin key is for administration only`,
			);
		return ADMIN_RIGHTS;
	}
	for (const pattern of allow ?? []) {
		const fault = patternFault(pattern);
		if (fault)
			throw new UsageError(`--allow is ${JSON.stringify(pattern)}; ${fault}`);
	}
	if (data !== undefined && !isData(data))
		throw new UsageError(
			`--data is ${JSON.stringify(data)}; it must be none, read or write`,
		);
	const web = (options.web as boolean | undefined) ?? !isNarrow;
	if (referer !== undefined && !web)
		throw new UsageError("--referer needs --web where there is --allow");
	if (
		referer !== undefined &&
		!/^(\*\.)?[\w-]+(\.[\w-]+)*$/.test(String(referer))
	)
		throw new UsageError(
			`--referer is ${JSON.stringify(referer)}; it must be a host name such as example.com or *.example.com`,
		);
	return {
		algorithms: allow ?? FULL_RIGHTS.algorithms,
		data: data ?? (isNarrow ? "none" : "write"),
		manage: (options.manage as boolean | undefined) ?? !isNarrow,
		web,
		...(referer !== undefined && { refererHost: String(referer) }),
		admin: false,
	};
}

const isData = (value: unknown): value is Rights["data"] =>
	value === "none" || value === "read" || value === "write";
