import { type CommandOptions, runCommand } from "../support/process.ts";

/** Runs a command to its end. @returns what it printed; one that fails throws with all of it */
export async function run(
	command: string,
	args: string[],
	options: CommandOptions = {},
): Promise<string> {
	const { code, stdout, stderr } = await runCommand(command, args, options);
	if (code === 0) return stdout;
	throw new Error(
		`${command} ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`,
	);
}

/** What each step of a client's script saw, by the step's name. */
export type Seen = Record<string, unknown>;

/** Runs a script that prints as JSON what a client made of each call. */
export async function observe(
	command: string,
	args: string[],
	env: NodeJS.ProcessEnv,
): Promise<Seen> {
	return JSON.parse(await run(command, args, { env }));
}
