import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { madeOnce } from "../made-once.ts";
import { IN_CI } from "../optional.ts";
import { run } from "../run.ts";

const POM = resolve(import.meta.dirname, "pom.xml");

/** The published Java client with all that it needs, as a class path. */
export async function javaClient(): Promise<string> {
	if (!IN_CI) throw new Error("only with CI=true, since Maven fetches it");
	const versions = createHash("sha256")
		.update(await readFile(POM))
		.digest("hex");
	const folder = await madeOnce(`java-${versions.slice(0, 16)}`, (folder) =>
		run("mvn", [
			"--batch-mode",
			"--quiet",
			"--file",
			POM,
			"dependency:copy-dependencies",
			"-DincludeScope=runtime",
			`-DoutputDirectory=${folder}`,
		]),
	);
	return join(folder, "*");
}
