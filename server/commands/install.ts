import {
	Engine,
	install as installInto,
	type Version,
} from "../../src/index.ts";
import type { Command } from "../command-line.ts";
import { isMeant, parseRef } from "../ref.ts";

export const install: Command = {
	summary:
		"Installs the dependencies that algorithms declare, each into its own folder",
	arguments: "[OWNER/NAME[/VERSION]…]",
	settings: ["algorithms", "state"],
	async run({ positionals, config }) {
		const refs = positionals.map(parseRef);
		const engine = await Engine.start({ ...config, watch: false });
		const { versions } = engine;
		await engine.close();
		const meant = versions.filter((version) => isMeant(version, refs));
		if (refs.length > 0 && meant.length === 0)
			throw new Error(`no algorithm matches ${positionals.join(" ")}`);
		const outcomes: string[] = [];
		for (const version of meant) {
			const outcome = await outcomeOf(version);
			if (outcome === "nothing") continue;
			outcomes.push(outcome);
			process.stdout.write(`${outcome}  ${version.ref}\n`);
		}
		if (outcomes.length === 0)
			process.stderr.write("no dependencies are declared\n");
		return outcomes.includes("failed") ? 1 : 0;
	},
};

async function outcomeOf({ ref, folder }: Version): Promise<string> {
	const tell = (text: string) => process.stderr.write(`${ref}: ${text}\n`);
	try {
		return await installInto(folder, tell);
	} catch (error) {
		tell(error instanceof Error ? error.message : String(error));
		return "failed";
	}
}
