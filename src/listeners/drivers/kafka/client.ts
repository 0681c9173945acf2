import { readFile } from "node:fs/promises";
import type { BaseOptions } from "@platformatic/kafka";
import { optionalImport } from "../../../optional-import.ts";
import type { KafkaAddress } from "../../options.ts";

export type Kafka = typeof import("@platformatic/kafka");

/** The library is loaded by the first that needs it. @throws Error saying what to install */
export const loadKafka = (): Promise<Kafka> =>
	optionalImport(
		"A listener of Kafka",
		"@platformatic/kafka",
		() => import("@platformatic/kafka"),
	);

/**
 * What every client of these brokers is made with.
 * @throws Error: a `file:` of `tls` cannot be read
 */
export async function clientOptions({
	brokers,
	tls,
	sasl,
}: KafkaAddress): Promise<BaseOptions> {
	return {
		clientId: "applyd",
		bootstrapBrokers: brokers,
		connectTimeout: 5_000,
		// What failed is tried again where it is known whether that is still wanted.
		retries: 0,
		...(tls && { tls: tls === true ? {} : await readAll(tls) }),
		...(sasl && { sasl: { ...sasl } }),
	};
}

type Pems = Exclude<KafkaAddress["tls"], boolean | undefined>;

async function readAll(pems: Pems): Promise<Pems> {
	const read = Object.entries(pems).map(async ([field, pem]) => [
		field,
		await readPem(`tls.${field}`, pem),
	]);
	return Object.fromEntries(await Promise.all(read));
}

const FILE = "file:";

async function readPem(field: string, pem: string): Promise<string> {
	if (!pem.startsWith(FILE)) return pem;
	const path = pem.slice(FILE.length);
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		const { message } = error as Error;
		throw new Error(`${field} names a file that cannot be read: ${message}`);
	}
}
