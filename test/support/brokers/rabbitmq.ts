import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts, isListening } from "../ports.ts";
import { type Broker, startBroker } from "./broker.ts";

/** Not the one in the PATH, which changes to a user of its own. */
const BIN = "/usr/lib/rabbitmq/bin";
const SERVER = `${BIN}/rabbitmq-server`;

/** Its name server first, as a child that dies with it: the one that RabbitMQ starts otherwise outlives it. */
const START = `
setpriv --pdeathsig KILL epmd &
until epmd -names; do sleep 0.1; done
exec ${SERVER}`;

export interface RabbitMq extends Broker {
	url: string;
	port: number;
	/** `rabbitmqctl`; it takes seconds. */
	control(...args: string[]): Promise<unknown>;
}

/**
 * A real RabbitMQ, whose user is `guest`. Durable queues and their confirmed persistent messages outlive `kill` and
 * `restart`, as RabbitMQ promises.
 *
 * @throws Error if Debian's `rabbitmq-server` is not there
 */
export async function startRabbitMq(): Promise<RabbitMq> {
	if (!existsSync(SERVER))
		throw new Error(
			`${SERVER} is not there: apt-get install --no-install-recommends rabbitmq-server`,
		);
	const folder = await mkdtemp(join(tmpdir(), "applyd-rabbitmq-"));
	const [port = 0, names, distribution] = await freePorts(3);
	const file = (name: string) => join(folder, name);
	await writeFile(file("enabled_plugins"), "[].\n");
	await writeFile(
		file("rabbitmq.conf"),
		`
listeners.tcp.1 = 127.0.0.1:${port}
log.console.level = warning
vm_memory_high_watermark.absolute = 256MiB
disk_free_limit.absolute = 50MB
`,
	);
	const env = {
		HOME: folder,
		ERL_EPMD_ADDRESS: "127.0.0.1",
		ERL_EPMD_PORT: `${names}`,
		RABBITMQ_CONF_ENV_FILE: "/dev/null",
		RABBITMQ_CONFIG_FILE: file("rabbitmq.conf"),
		RABBITMQ_DIST_PORT: `${distribution}`,
		RABBITMQ_ENABLED_PLUGINS_FILE: file("enabled_plugins"),
		RABBITMQ_LOG_BASE: folder,
		RABBITMQ_LOGS: "-",
		RABBITMQ_MNESIA_BASE: file("mnesia"),
		RABBITMQ_NODENAME: "applyd@localhost",
		RUNNING_UNDER_SYSTEMD: "true", // no shell stays before it
		// One scheduler, which does not wait in a loop.
		RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
			"+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
	};
	const broker = await startBroker({
		name: "RabbitMQ",
		command: "sh",
		args: ["-c", START],
		env,
		folder,
		isReady: () => isListening(port),
	});
	return {
		...broker,
		url: `amqp://guest:guest@127.0.0.1:${port}`,
		port,
		control: (...args) =>
			promisify(execFile)(`${BIN}/rabbitmqctl`, args, {
				env: { ...process.env, ...env },
			}),
	};
}
