import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { javaClient } from "../clients/java/client.ts";
import { optional } from "../clients/optional.ts";
import { run } from "../clients/run.ts";
import { startServer } from "../clients/server.ts";
import { sparkEnvironment } from "../integrations/spark-environment.ts";
import { blocksOf, examplesOf, readDocument } from "../support/document.ts";
import { runCommand, type ServerProcess } from "../support/process.ts";

/** Starting Spark and a few jobs, where others work too. */
const LIMIT_MS = 120_000;

const guide = await readDocument("docs/spark.md");
const blocks = blocksOf(guide);
const examples = blocks
	.filter(({ language }) => language === "console")
	.flatMap(examplesOf);
const bin = await optional("the guide to Spark", sparkEnvironment);
const jars = await optional("what the guide to Spark says of Java", javaClient);

const needsJava = (command: string) =>
	/^(javac|jar|.*spark-submit) /.test(command);

/** So that Spark opens no port to others, and is small. */
const SPARK_OPTIONS = `spark.ui.enabled false
spark.driver.memory 512m
spark.sql.shuffle.partitions 2
`;

describe.skipIf(bin === undefined)(
	"every example of docs/spark.md, in order",
	() => {
		let server: ServerProcess;
		let folder: string;
		let packages: string;
		beforeAll(async () => {
			folder = await mkdtemp(join(tmpdir(), "applyd-spark-"));
			server = await startServer();
			for (const { file, text } of blocks)
				if (file) await writeFile(join(folder, file), here(text));
			await writeFile(join(folder, "spark-defaults.conf"), SPARK_OPTIONS);
			const checkout = resolve(import.meta.dirname, "../..");
			await symlink(
				join(checkout, "integrations"),
				join(folder, "integrations"),
			);
			if (jars) await symlink(jars, join(folder, "lib"));
			packages = (
				await run(join(String(bin), "python"), [
					...["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
				])
			).trim();
		});
		afterAll(async () => {
			await server.close();
			await rm(folder, { recursive: true, force: true });
		});

		const here = (text: string) =>
			text.replaceAll("http://localhost:8080", server.url);

		/** As in one terminal: what one command exports, the next one has. A new environment has Spark already. */
		const type = async (command: string) => {
			const variables = join(folder, "exported");
			const script = `
				python3() { command python3 "$@" && echo "${packages}" > "$(echo .venv/lib/python*/site-packages)/made.pth"; }
				[ -f "${variables}" ] && . "${variables}"
				${command}
				code=$?; export -p > "${variables}"; exit $code`;
			const { code, stdout, stderr } = await runCommand(
				"bash",
				["--norc", "-c", script],
				{
					cwd: folder,
					env: {
						...process.env,
						SPARK_LOCAL_IP: "127.0.0.1",
						SPARK_CONF_DIR: folder,
						SPARK_HOME: join(packages, "pyspark"),
						ALGORITHMIA_API: server.url,
						ALGORITHMIA_API_KEY: "simabcd123",
					},
				},
			);
			expect({ command, code, stderr }).toEqual({ command, code: 0, stderr });
			return stdout.trimEnd();
		};

		test("there are some", () => {
			expect(examples.length).toBeGreaterThan(10);
		});

		for (const { command, output } of examples)
			test.skipIf(needsJava(command) && jars === undefined)(
				command,
				async () => {
					expect(await type(command)).toMatch(output);
				},
				LIMIT_MS,
			);
	},
);
