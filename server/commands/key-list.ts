import { type Key, listKeys, Store, UsageError } from "../../src/index.ts";
import type { Command } from "../command-line.ts";

export const keyList: Command = {
	summary: "Shows all keys, masked, and what each may do",
	arguments: "",
	settings: ["state"],
	async run({ positionals, config }) {
		if (positionals.length > 0)
			throw new UsageError(
				`key list takes no argument, and got ${positionals.join(" ")}`,
			);
		using store = await Store.open(config.state);
		const keys = await listKeys(store);
		const rows = keys.map(rowOf);
		const widths = [0, 1, 2].map((column) =>
			Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
		);
		for (const row of rows) {
			const cells = row.map((cell, i) => cell.padEnd(widths[i] ?? 0));
			process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
		}
		if (keys.length === 0) process.stderr.write("there is no key\n");
		return 0;
	},
};

function rowOf(key: Key): string[] {
	const { mask, account, label = "-", createdAt, revokedAt } = key;
	const state = revokedAt === undefined ? inWords(key) : `revoked ${revokedAt}`;
	return [mask, account, label, createdAt, state];
}

function inWords({ rights }: Key): string {
	const { algorithms, data, manage, web, refererHost, admin } = rights;
	if (admin) return "admin";
	return [
		...algorithms,
		`data ${data}`,
		...(manage ? ["manage"] : []),
		...(web ? [`web ${refererHost ?? ""}`.trim()] : []),
	].join(", ");
}
