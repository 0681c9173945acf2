import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { jarsOf } from "../jars.ts";
import { freePorts } from "../ports.ts";
import { type Broker, startBroker } from "./broker.ts";
import { javaArgs } from "./java.ts";

/**
 * A real server that speaks SQS. It takes any credentials, and any region.
 *
 * Queues, messages, their receive counts and the handles of those in flight outlive `kill` and `restart`. But a message
 * that a redrive policy had moved to a dead-letter queue is then in its first queue too.
 *
 * @throws Error without Java and Maven, and the first time without the network
 */
export async function startElasticMq(): Promise<Broker & { endpoint: string }> {
	const jars = await jarsOf(
		"elasticmq",
		resolve(import.meta.dirname, "elasticmq.xml"),
	);
	const folder = await mkdtemp(join(tmpdir(), "applyd-elasticmq-"));
	const [port = 0] = await freePorts(1);
	const endpoint = `http://127.0.0.1:${port}`;
	const settings = join(folder, "elasticmq.conf");
	// By default H2 writes half a second later.
	await writeFile(
		settings,
		`
include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
messages-storage { enabled = true, uri = "jdbc:h2:${folder}/messages;WRITE_DELAY=0" }
`,
	);
	const broker = await startBroker({
		name: "ElasticMQ",
		command: "java",
		args: [
			`-Dconfig.file=${settings}`,
			...javaArgs(jars, 128, "org.elasticmq.server.Main"),
		],
		folder,
		isReady: () =>
			fetch(`${endpoint}/health`).then(
				({ ok }) => ok,
				() => false,
			),
	});
	return { ...broker, endpoint };
}
