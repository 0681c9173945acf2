import { revokeKey, Store, UsageError } from "../../src/index.ts";
import type { Command } from "../command-line.ts";

export const keyRevoke: Command = {
	summary: "Ends a key; a running server takes note within three seconds",
	arguments: "MASK|LABEL",
	settings: ["state"],
	async run({ positionals, config }) {
		const [name, ...rest] = positionals;
		if (name === undefined || rest.length > 0)
			throw new UsageError(
				"key revoke needs one key, by its mask or label: applyd key revoke MASK|LABEL",
			);
		using store = await Store.open(config.state);
		process.stdout.write(`revoked ${await revokeKey(store, name)}\n`);
		return 0;
	},
};
