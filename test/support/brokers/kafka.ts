import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { jarsOf } from "../jars.ts";
import { freePorts, isListening } from "../ports.ts";
import { type Broker, startBroker } from "./broker.ts";
import { javaArgs } from "./java.ts";
import { PASSWORD, prepare, USER } from "./kafka-prepared.ts";

export interface Kafka extends Broker {
	/** Of its listener in plain text; where clients are sent to afterwards is said by `advertisedPort`. */
	brokers: string[];
	port: number;
	/** Its listener with TLS, which takes this user by SCRAM-SHA-256 and by PLAIN. */
	secured: {
		brokers: string[];
		/** Its self-signed certificate, for 127.0.0.1 and localhost: PEM. */
		ca: string;
		username: string;
		password: string;
	};
}

export interface KafkaOptions {
	/** The port to which it sends the clients of its plain listener, such as that of a cut; its own by default. */
	advertisedPort?: number;
}

/**
 * A real Kafka of one node. Topics must be made before they are used. What it acknowledged outlives `kill` and `restart`.
 * @throws Error without Java and Maven, and the first time without the network
 */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
	const jars = await jarsOf("kafka", resolve(import.meta.dirname, "kafka.xml"));
	const prepared = await prepare(jars);
	const folder = await mkdtemp(join(tmpdir(), "applyd-kafka-"));
	await cp(prepared, folder, { recursive: true });
	const [port = 0, secured = 0, controller = 0] = await freePorts(3);
	const settings = join(folder, "server.properties");
	await writeFile(
		settings,
		`
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${secured},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${options.advertisedPort ?? port},SASL_SSL://127.0.0.1:${secured}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-256,PLAIN
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${PASSWORD}";
ssl.keystore.location=${join(folder, "keys.p12")}
ssl.keystore.password=${PASSWORD}
log.dirs=${join(folder, "log")}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
num.network.threads=1
num.io.threads=2
background.threads=1
log.cleaner.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
`,
	);
	const broker = await startBroker({
		name: "Kafka",
		command: "java",
		args: [
			"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
			...javaArgs(jars, 256, "kafka.Kafka", settings),
		],
		folder,
		isReady: () => isListening(port),
	});
	return {
		...broker,
		brokers: [`127.0.0.1:${port}`],
		port,
		secured: {
			brokers: [`127.0.0.1:${secured}`],
			ca: await readFile(join(folder, "ca.pem"), "utf8"),
			username: USER,
			password: PASSWORD,
		},
	};
}
