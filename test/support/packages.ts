import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { onTestFinished } from "vitest";
import { madeOnce } from "../clients/made-once.ts";
import { run } from "../clients/run.ts";

const WRITE_WHEEL = `
import sys, zipfile
folder, version = sys.argv[1:]
info = f"tiny-{version}.dist-info/"
with zipfile.ZipFile(f"{folder}/tiny-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tiny.py", f"VERSION = '{version}'\\n")
    wheel.writestr(info + "METADATA", f"Metadata-Version: 2.1\\nName: tiny\\nVersion: {version}\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", f"tiny.py,,\\n{info}METADATA,,\\n{info}WHEEL,,\\n{info}RECORD,,\\n")
`;

/** Makes a folder of Python packages: `tiny`, whose `VERSION` is its version. */
export async function makeWheels(
	folder: string,
	versions: readonly string[],
): Promise<void> {
	await mkdir(folder, { recursive: true });
	for (const version of versions)
		await run("python3", ["-c", WRITE_WHEEL, folder, version]);
}

/** An environment in which there is Python, and no uv but the one in `uv`. */
export async function pythonEnvironment(
	uv?: string,
): Promise<NodeJS.ProcessEnv> {
	const path = (process.env.PATH ?? "").split(delimiter);
	const question = ["-c", "import sys; print(sys.executable)"];
	return {
		PATH: [
			...(uv === undefined ? [] : [uv]),
			...path.filter((folder) => !existsSync(join(folder, "uv"))),
		].join(delimiter),
		APPLYD_PYTHON: (await run("python3", question)).trim(),
	};
}

/** uv from its registry. @returns the folder of its command */
export async function makeUv(): Promise<string> {
	const venv = await madeOnce("uv", async (folder) => {
		await run("python3", ["-m", "venv", folder]);
		await run(join(folder, "bin/pip"), ["install", "--quiet", "uv"]);
	});
	return join(venv, "bin");
}

/** A package index that never answers. */
export async function startSilentIndex(): Promise<{
	url: string;
	/** Resolves when somebody has asked it. */
	asked: Promise<void>;
	/** Hangs up on all who wait. */
	close(): void;
}> {
	const { promise: asked, resolve } = Promise.withResolvers<void>();
	const server = createServer(() => resolve());
	await new Promise<void>((listening) =>
		server.listen(0, "127.0.0.1", listening),
	);
	const close = () => {
		server.close();
		server.closeAllConnections();
	};
	onTestFinished(close);
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}/`, asked, close };
}
