import { join } from "node:path";
import { expect, test } from "vitest";
import { optional } from "../clients/optional.ts";
import { runCommand } from "../support/process.ts";
import { PACKAGE, sparkEnvironment } from "./spark-environment.ts";

/** Some three minutes where nothing else runs. */
const LIMIT_MS = 1_200_000;

const bin = await optional("applyd-spark", sparkEnvironment);

test.skipIf(bin === undefined)(
	"applyd-spark passes its own tests, against Spark and started servers",
	async () => {
		const { code, stdout, stderr } = await runCommand(
			join(String(bin), "python"),
			["-m", "pytest", "--quiet"],
			{ cwd: PACKAGE, env: process.env },
		);
		expect(code, `${stdout}\n${stderr}`).toBe(0);
	},
	LIMIT_MS,
);
