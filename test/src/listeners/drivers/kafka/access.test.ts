import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { openSink } from "../../../../../src/listeners/drivers/kafka/sink.ts";
import type { KafkaSourceOptions } from "../../../../../src/listeners/options.ts";
import { optional } from "../../../../clients/optional.ts";
import { type Kafka, startKafka } from "../../../../support/brokers/kafka.ts";
import { Topic, texts } from "./topic.ts";

const there = await optional("Kafka", startKafka);

describe.skipIf(there === undefined)("a secured Kafka", () => {
	const kafka = there as Kafka;
	afterAll(() => kafka?.close());

	const secured = (
		sasl: Partial<KafkaSourceOptions["sasl"]> = {},
	): Partial<KafkaSourceOptions> => {
		const { brokers, ca, username, password } = kafka.secured;
		const mechanism = "SCRAM-SHA-256";
		return {
			brokers,
			tls: { ca },
			sasl: { mechanism, username, password, ...sasl },
		};
	};

	test.each(["PLAIN", "SCRAM-SHA-256"] as const)(
		"is written and read by %s over TLS",
		async (mechanism) => {
			const topic = await Topic.make(kafka.brokers);
			const more = secured({ mechanism });
			const sink = await openSink(topic.options(more));
			const body = Buffer.from('"secret"');
			await sink.put({ id: "1", body, handedOn: { headers: {} } });
			await sink.close();
			const reader = await topic.open(more);
			expect(texts(await reader.take(1))).toEqual(['"secret"']);
		},
	);

	test.each(["PLAIN", "SCRAM-SHA-256"] as const)(
		"refuses a wrong password by %s, and the error does not tell it",
		async (mechanism) => {
			const topic = await Topic.make(kafka.brokers);
			const more = secured({ mechanism, password: "wrong-word" });
			const error: Error = await topic.open(more).then(
				() => expect.unreachable(),
				(refused) => refused,
			);
			expect(error.message).toMatch(
				/^cannot read: Kafka at 127\.0\.0\.1:\d+: .*Authentication failed.* \(SASL_AUTHENTICATION_FAILED\)$/,
			);
			expect(error.message).not.toContain("wrong-word");
			await expect(openSink(topic.options(more))).rejects.toThrow(
				error.message.replace("read", "write"),
			);
		},
	);

	test("names what it does not know: a mechanism, its authority, that it has no TLS, that there is some", async () => {
		const topic = await Topic.make(kafka.brokers);
		const refusal = (more: Partial<KafkaSourceOptions>) =>
			expect(topic.open(more)).rejects;
		await refusal(secured({ mechanism: "SCRAM-SHA-512" })).toThrow(
			"UNSUPPORTED_SASL_MECHANISM",
		);
		await refusal({ ...secured(), tls: true }).toThrow(
			"self-signed certificate",
		);
		await refusal({ tls: true }).toThrow("TLS");
		await refusal({ brokers: kafka.secured.brokers }).toThrow('"tls"');
		const { sasl, ...anonymous } = secured();
		expect(sasl).toBeDefined();
		await refusal(anonymous).toThrow('does it ask for "sasl"?');
	});

	test("takes a certificate from a file, and says which cannot be read", async () => {
		const topic = await Topic.make(kafka.brokers);
		const folder = await mkdtemp(join(tmpdir(), "applyd-kafka-access-"));
		onTestFinished(() => rm(folder, { recursive: true }));
		const path = join(folder, "ca.pem");
		await expect(
			topic.open({ ...secured(), tls: { ca: `file:${path}` } }),
		).rejects.toThrow("tls.ca names a file that cannot be read: ENOENT");
		await writeFile(path, kafka.secured.ca);
		await topic.send(["x"]);
		const reader = await topic.open({
			...secured(),
			tls: { ca: `file:${path}` },
		});
		expect(texts(await reader.take(1))).toEqual(["x"]);
	});
});
