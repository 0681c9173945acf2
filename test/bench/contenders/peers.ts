import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, spawnChild } from "../children.ts";
import { temporaryFolder } from "../temporary.ts";
import { CONTENDERS, PYTHON_SHOUT_FOLDER } from "./places.ts";
import { environment } from "./python.ts";

interface Peer {
	packages: string[];
	/** Where it answers calls of the work that all share. */
	path: string;
	/** What starts it, in the folder of its environment's commands. */
	command: (port: string) => string[];
}

const HOST = "127.0.0.1";
const START_SECONDS = 60;
/** Kept of what it says, in case that it does not start. */
const SAID_LENGTH = 2000;

/** Python servers that people use for the same: two workers each, no batches, no logs. */
export const PEERS = {
	mosec: {
		packages: ["mosec==0.9.8"],
		path: "/inference",
		command: (port) => [
			...["python", "shout_mosec.py", "--log-level", "error"],
			...["--address", HOST, "--port", port],
		],
	},
	fastapi: {
		packages: ["fastapi==0.165.0", "uvicorn[standard]==0.54.0"],
		path: "/shout",
		command: (port) => [
			...["uvicorn", "shout_fastapi:app", "--workers", "2"],
			...["--log-level", "error", "--no-access-log", "--port", port],
		],
	},
	litserve: {
		packages: ["litserve==0.2.19"],
		path: "/predict",
		command: (port) => ["python", "shout_litserve.py", port],
	},
	bentoml: {
		packages: ["bentoml==1.4.40"],
		path: "/shout",
		command: (port) => [
			...["bentoml", "serve", "shout_bentoml:Shout", "--quiet"],
			...["--host", HOST, "--port", port],
		],
	},
} satisfies Record<string, Peer>;

export type PeerName = keyof typeof PEERS;

export const isPeer = (name: string): name is PeerName => name in PEERS;

/**
 * Starts a peer and waits until it answers.
 * @throws LeftOut its environment cannot be made
 */
export async function startPeer(
	name: PeerName,
): Promise<{ child: Child; url: string; path: string }> {
	const { packages, command, path }: Peer = PEERS[name];
	const bin = await environment(name, packages);
	const port = await freePort();
	const [program = "", ...args] = command(String(port));
	const child = spawnChild(join(bin, program), args, {
		cwd: CONTENDERS,
		env: {
			PYTHONPATH: PYTHON_SHOUT_FOLDER,
			PYTHONDONTWRITEBYTECODE: "1",
			BENTOML_HOME: await temporaryFolder(),
			BENTOML_DO_NOT_TRACK: "True",
		},
		isGroup: true,
		isQuiet: true,
	});
	let said = "";
	for (const stream of [child.process.stdout, child.process.stderr])
		stream?.on("data", (chunk) => {
			said = (said + chunk).slice(-SAID_LENGTH);
		});
	const url = `http://${HOST}:${port}`;
	await answering(child, url + path).catch((error) => {
		throw new Error(`${name} ${error.message}: ${said}`);
	});
	return { child, url, path };
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, HOST);
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return port;
}

/** @throws Error it ends, or takes too long */
async function answering(child: Child, url: string): Promise<void> {
	const end = performance.now() + START_SECONDS * 1000;
	while (performance.now() < end && !child.hasEnded) {
		const response = await fetch(url, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: '"a text"',
		}).catch(() => undefined);
		await response?.arrayBuffer();
		if (response?.ok) return;
		await sleep(50);
	}
	throw new Error(
		child.hasEnded ? "ended" : `did not answer in ${START_SECONDS} s`,
	);
}
