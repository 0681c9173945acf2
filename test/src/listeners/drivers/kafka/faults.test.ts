import { Admin } from "@platformatic/kafka";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { optional } from "../../../../clients/optional.ts";
import { type Cut, startCut } from "../../../../support/brokers/cut.ts";
import { type Kafka, startKafka } from "../../../../support/brokers/kafka.ts";
import { until } from "../../../../support/until.ts";
import { type Reader, Topic, texts, upTo } from "./topic.ts";

const there = await optional("Kafka", async () => {
	const cut = await startCut();
	const kafka = await startKafka({ advertisedPort: cut.port });
	cut.leadTo(kafka.port);
	return { cut, kafka };
});
const MINUTE = 60_000;
const LONG = { timeout: 2 * MINUTE };

describe.skipIf(there === undefined)("a source of a Kafka that fails", () => {
	const { cut, kafka } = there as { cut: Cut; kafka: Kafka };
	afterAll(async () => {
		await kafka.close();
		await cut.close();
	});
	const make = (partitions?: number) => Topic.make([cut.address], partitions);

	/** Why it does not go on, as soon as it says so. */
	const reason = (reader: Reader) =>
		until(
			"it says why it does not go on",
			() =>
				reader.receive().then(
					() => undefined,
					(error: Error) => error.message,
				),
			MINUTE,
		);

	/** Waits for so many, whatever it says meanwhile. */
	const insist = (reader: Reader, count: number) => {
		const taken: Awaited<ReturnType<Reader["receive"]>> = [];
		return until(
			`${count} messages have come in the end`,
			async () => {
				taken.push(...(await reader.receive().catch(() => [])));
				return taken.length >= count && taken;
			},
			MINUTE,
		);
	};

	test(
		"goes on by itself after its connections were cut, and has lost nothing",
		LONG,
		async () => {
			const topic = await make();
			await topic.send(upTo(10));
			const reader = await topic.open();
			const before = await reader.take(10);
			cut.cut();
			await topic.send(["after"]);
			expect(texts(await insist(reader, 1))).toEqual(["after"]);
			expect(reader.lost).toEqual([]);
			await reader.ack(before);
			await topic.isCommitted(10);
		},
	);

	test(
		"says so while the broker is gone, goes on when it is back, and what was in hand is still good",
		LONG,
		async () => {
			const topic = await make();
			await topic.send(upTo(10));
			const reader = await topic.open();
			const before = await reader.take(10);
			await reader.ack(before.slice(0, 5));
			await topic.isCommitted(5);
			await kafka.kill();
			expect(await reason(reader)).toContain(`Kafka at ${cut.address}: `);
			await reader.ack(before.slice(5, 7));
			await kafka.restart();
			await until("it takes more", () =>
				topic.send(["after"]).then(
					() => true,
					() => false,
				),
			);
			const [after] = await insist(reader, 1);
			expect(after?.body.toString()).toBe("after");
			expect(reader.lost).toEqual([]);
			await topic.isCommitted(7);
		},
	);

	test(
		"says so while the broker is silent; when it is not any more, what was not acknowledged comes again under the same ids",
		LONG,
		async () => {
			const topic = await make();
			await topic.send(upTo(10));
			const reader = await topic.open();
			const before = await reader.take(10);
			await reader.ack(before.slice(0, 5));
			await topic.isCommitted(5);
			cut.freeze();
			expect(await reason(reader)).toMatch(/cannot .*: Request timed out/);
			// It has been silent for longer than the group waits for a member.
			const { brokers, ca, username, password } = kafka.secured;
			const admin = new Admin({
				clientId: "test",
				bootstrapBrokers: brokers,
				tls: { ca },
				sasl: { mechanism: "PLAIN", username, password },
			});
			onTestFinished(() => admin.close());
			const isExpelled = async () => {
				const groups = await admin.describeGroups({ groups: [topic.groupId] });
				return groups.get(topic.groupId)?.members.size === 0;
			};
			await until("it is given up", () => isExpelled(), MINUTE);
			cut.thaw();
			const again = await insist(reader, 5);
			const ids = before.slice(5).map(({ id }) => id);
			expect(again.map(({ id }) => id)).toEqual(ids);
			expect(reader.lost).toEqual(ids);
			await reader.ack(again);
			await topic.isCommitted(10);
		},
	);

	test("closes soon, even if nobody is there to hear it", LONG, async () => {
		const topic = await make();
		await topic.send(upTo(10));
		const reader = await topic.open();
		await reader.ack(await reader.take(10));
		cut.freeze();
		await reader.source.close();
		cut.thaw();
	});
});
