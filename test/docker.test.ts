import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const FOLDER = resolve(import.meta.dirname, "../docker");
const read = (name: string) => readFile(join(FOLDER, name), "utf8");

interface Service {
	image?: string;
	environment?: Record<string, string>;
	healthcheck?: { test: string[] };
	depends_on?: Record<string, { condition: string }>;
}
const services = async (name: string): Promise<Record<string, Service>> =>
	parse(await read(name)).services;

const brokers = (await readdir(FOLDER)).flatMap(
	(name) => name.match(/^compose\.(\w+)\.yaml$/)?.slice(1) ?? [],
);

test("there is a compose file for each kind of queue", () => {
	expect(brokers.sort()).toEqual(["kafka", "rabbitmq", "sqs"]);
});

describe.each(brokers)("docker/compose.%s.yaml", (broker) => {
	test("stands beside docker/compose.yaml, and applyd waits until the broker is healthy", async () => {
		const { applyd, ...others } = await services(`compose.${broker}.yaml`);
		expect(await services("compose.yaml")).toHaveProperty("applyd");
		const [name, service] = Object.entries(others)[0] ?? [];
		expect(Object.keys(others)).toEqual([name]);
		expect(service?.image).toMatch(/^[\w/-]+:\d+\.\d+\.\d+[\w-]*$/);
		expect(service?.healthcheck?.test[0]).toBe("CMD");
		expect(applyd?.depends_on).toEqual({
			[String(name)]: { condition: "service_healthy" },
		});
	});

	test("its listeners are in the file that applyd is told of, and lead to the broker", async () => {
		const { applyd, ...others } = await services(`compose.${broker}.yaml`);
		const file = `listeners.${broker}.json`;
		expect(applyd?.environment?.APPLYD_LISTENERS).toBe(`/listeners/${file}`);
		const { listeners } = JSON.parse(await read(file));
		expect(listeners).toHaveLength(1);
		const { algorithm, source } = listeners[0];
		await readdir(resolve(FOLDER, "../algorithms", algorithm));
		const [host] = Object.keys(others);
		expect(JSON.stringify(source)).toMatch(new RegExp(`\\b${host}:\\d`));
	});
});
