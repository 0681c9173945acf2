import { resolve } from "node:path";
import { pythonClient } from "../clients/python/client.ts";
import { run } from "../clients/run.ts";

/** The package's folder. */
export const PACKAGE = resolve(import.meta.dirname, "../../integrations/spark");

/**
 * Spark in a Python environment of its own, with the published Python client. It needs Java.
 * @returns the folder of its commands
 */
export async function sparkEnvironment(): Promise<string> {
	await run("java", ["-version"]);
	return pythonClient(resolve(PACKAGE, "tests/requirements.txt"));
}
