import { Admin, type BaseOptions } from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optional } from "../../clients/optional.ts";
import { type Cut, startCut } from "./cut.ts";
import { type Kafka, startKafka } from "./kafka.ts";
import { kafkaMailbox } from "./mailbox.ts";

const there = await optional("Kafka", async () => {
	const cut = await startCut();
	const kafka = await startKafka({ advertisedPort: cut.port });
	cut.leadTo(kafka.port);
	return { cut, kafka };
});

describe.skipIf(there === undefined)("a Kafka for tests", () => {
	const { cut, kafka } = there as { cut: Cut; kafka: Kafka };
	const throughCut = { bootstrapBrokers: [cut.address] };
	beforeAll(() => kafkaMailbox(throughCut).make());
	afterAll(async () => {
		await kafka.close();
		await cut.close();
	});

	const secured = (
		mechanism: "SCRAM-SHA-256" | "PLAIN",
		password: string,
	): Omit<BaseOptions, "clientId"> => ({
		bootstrapBrokers: kafka.secured.brokers,
		tls: { ca: kafka.secured.ca },
		sasl: { mechanism, username: kafka.secured.username, password },
	});

	test.each(["SCRAM-SHA-256", "PLAIN"] as const)(
		"its secured listener lets in by %s whoever knows the password",
		async (mechanism) => {
			const mailbox = kafkaMailbox(secured(mechanism, kafka.secured.password));
			await mailbox.send(mechanism);
			expect(await mailbox.receive()).toBe(mechanism);
			const wrong = { ...secured(mechanism, "wrong"), retries: false };
			await expect(kafkaMailbox(wrong).send("in")).rejects.toMatchObject({
				errors: [{ cause: { message: "SASL authentication failed." } }],
			});
		},
	);

	test("clients of its plain listener are sent to the port that it was given", async () => {
		const admin = new Admin({
			clientId: "test",
			bootstrapBrokers: kafka.brokers,
		});
		const { brokers } = await admin.metadata({ topics: [] });
		await admin.close();
		expect([...brokers.values()]).toEqual([
			expect.objectContaining({ host: "127.0.0.1", port: cut.port }),
		]);
		const mailbox = kafkaMailbox(throughCut);
		await mailbox.send("through the cut");
		expect(await mailbox.receive()).toBe("through the cut");
	});
});
