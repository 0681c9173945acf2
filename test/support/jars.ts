import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { madeOnce } from "../clients/made-once.ts";
import { run } from "../clients/run.ts";

/**
 * What a `pom.xml` names and all that it needs at run time; Maven fetches it once.
 * @returns the folder of the jars
 * @throws Error without Maven, and the first time without the network
 */
export async function jarsOf(name: string, pom: string): Promise<string> {
	const versions = createHash("sha256")
		.update(await readFile(pom))
		.digest("hex");
	return madeOnce(`${name}-${versions.slice(0, 16)}`, (folder) =>
		run("mvn", [
			"--batch-mode",
			"--quiet",
			"--file",
			pom,
			"dependency:copy-dependencies",
			"-DincludeScope=runtime",
			`-DoutputDirectory=${folder}`,
		]),
	);
}
