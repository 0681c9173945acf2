import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { madeOnce } from "../../clients/made-once.ts";
import { run } from "../../clients/run.ts";
import { javaArgs } from "./java.ts";

export const USER = "applyd";
export const PASSWORD = "applydsecret";

const FORMAT = [
	"kafka.tools.StorageTool",
	"format",
	"--cluster-id",
	"YXBwbHlkLXRlc3RzLWthZg",
	"--add-scram",
	`SCRAM-SHA-256=[name=${USER},password=${PASSWORD}]`,
];

const CERTIFICATE = [
	...["-alias", USER, "-dname", "CN=localhost", "-validity", "36500"],
	...["-ext", "SAN=DNS:localhost,IP:127.0.0.1", "-keyalg", "EC"],
];

/**
 * What each Kafka starts with, made once: `log`, formatted and with a user; `keys.p12`; and `ca.pem`, its certificate.
 * @returns the folder to copy
 */
export function prepare(jars: string): Promise<string> {
	const made = createHash("sha256")
		.update(JSON.stringify([basename(jars), FORMAT, CERTIFICATE]))
		.digest("hex");
	return madeOnce(`kafka-prepared-${made.slice(0, 16)}`, async (folder) => {
		await format(jars, folder);
		await makeCertificate(folder);
	});
}

async function format(jars: string, folder: string): Promise<void> {
	const settings = join(folder, "format.properties");
	await writeFile(
		settings,
		`
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093
log.dirs=${join(folder, "log")}
`,
	);
	await run("java", javaArgs(jars, 128, ...FORMAT, "--config", settings));
}

async function makeCertificate(folder: string): Promise<void> {
	const store = ["-keystore", join(folder, "keys.p12"), "-storepass", PASSWORD];
	const pem = ["-rfc", "-file", join(folder, "ca.pem")];
	await run("keytool", ["-genkeypair", ...CERTIFICATE, ...store]);
	await run("keytool", ["-exportcert", "-alias", USER, ...store, ...pem]);
}
