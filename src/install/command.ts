import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a tool to its end. What it prints goes to our stderr.
 * @param name for the message
 * @throws Error if it is not there, or ends with another code than 0
 */
export async function runTool(
	name: string,
	[command = "", ...args]: readonly string[],
	{ cwd, env }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<void> {
	const child = spawn(command, args, { cwd, env, stdio: ["ignore", 2, 2] });
	const [code, signal] = await once(child, "exit").catch((error) => {
		throw error.code === "ENOENT"
			? new Error(`${command} is not on the PATH`)
			: error;
	});
	if (code !== 0)
		throw new Error(`${name} ended with ${signal ?? `code ${code}`}`);
}
