import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { jarsOf } from "../../support/jars.ts";
import { IN_CI } from "../optional.ts";
import { observe, run, type Seen } from "../run.ts";

/** The published Java client. @returns the folder of its jars and of those that it needs */
export async function javaClient(): Promise<string> {
	if (!IN_CI) throw new Error("only with CI=true, since Maven fetches it");
	return jarsOf("java", resolve(import.meta.dirname, "pom.xml"));
}

/** Compiles a script of this folder and runs it. */
export async function observeJava(
	jars: string,
	name: string,
	env: NodeJS.ProcessEnv,
): Promise<Seen> {
	const classes = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const classPath = [join(jars, "*"), classes].join(delimiter);
	const sources = [name, "Seen"].map((source) =>
		resolve(import.meta.dirname, `${source}.java`),
	);
	await run("javac", [
		...["-encoding", "UTF-8", "-cp", classPath, "-d", classes],
		...sources,
	]);
	// Before Java 18 the client reads answers as the machine's locale says.
	const utf8 = "-Dfile.encoding=UTF-8";
	return observe("java", [utf8, "-cp", classPath, name], env);
}
