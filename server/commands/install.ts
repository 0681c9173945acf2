import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { Engine, type Version } from "../../src/index.ts";
import type { Command } from "../command-line.ts";
import { isMeant, parseRef } from "../ref.ts";

export const install: Command = {
	summary:
		"Installs the dependencies that algorithms declare in a package.json, each into its own folder",
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
		let failed = 0;
		for (const version of meant) if (!(await installInto(version))) failed++;
		return failed === 0 ? 0 : 1;
	},
};

/** @returns whether the version has what it declares */
async function installInto({ ref, folder }: Version): Promise<boolean> {
	if (!(await exists(join(folder, "package.json")))) return true;
	const command = (await exists(join(folder, "package-lock.json")))
		? "ci"
		: "install";
	process.stderr.write(`${ref}: npm ${command}\n`);
	const npm = spawn("npm", [command, "--omit=dev", "--no-audit", "--no-fund"], {
		cwd: folder,
		stdio: ["ignore", 2, 2],
	});
	const code = await new Promise((resolve) =>
		npm.on("exit", resolve).on("error", () => resolve(-1)),
	);
	process.stdout.write(`${code === 0 ? "installed" : "failed"}  ${ref}\n`);
	return code === 0;
}

const exists = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);
