import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optional } from "../../../clients/optional.ts";
import { type Cut, startCut } from "../../../support/brokers/cut.ts";
import {
	type RabbitMq,
	startRabbitMq,
} from "../../../support/brokers/rabbitmq.ts";
import { type OtherSide, open, otherSide } from "./amqp-side.ts";

const there = await optional("RabbitMQ", startRabbitMq);

describe.skipIf(there === undefined)("AMQP that is lost or refuses", () => {
	const broker = there as RabbitMq;
	let side: OtherSide;
	let way: Cut;
	beforeAll(async () => {
		side = await otherSide(broker.url);
		way = await startCut(broker.port);
	}, 120_000);
	afterAll(async () => {
		await way?.close();
		await side?.close();
		await broker?.close();
	});

	const urlOf = (user: string, path = "") =>
		`amqp://${user}@${way.address}${path}`;
	const openCut = (queue: string) =>
		open(urlOf("guest:guest"), queue, { prefetch: 3 });

	describe.each(["classic", "quorum"])("a %s queue", (type) => {
		test.each<["reset" | "frozen", RegExp]>([
			["reset", /the connection to 127\.0\.0\.1:\d+ was lost: .*ECONNRESET/],
			["frozen", /was lost: socket timed out \(no heartbeat\)/],
		])(
			"whose connection is %s gives its messages again, and says why",
			async (how, reason) => {
				const queue = await side.queue(type);
				for (let i = 0; i < 3; i++) await side.send(queue, `${i}`);
				const source = await openCut(queue);
				const messages = await source.take(3);
				const receiving = expect(source.one()).rejects.toThrow(reason);
				if (how === "reset") way.cut();
				else way.freeze();
				await receiving;
				expect(source.losses).toHaveLength(1);
				const isLost = source.losses[0] as (typeof source.losses)[0];
				expect(messages.map(isLost)).toEqual([true, true, true]);
				for (const message of messages) {
					await expect(source.ack(message)).rejects.toThrow();
					await expect(source.retry?.(message, 0, 0)).rejects.toThrow();
					await expect(
						source.deadLetter?.(message, 1, { message: "", error_type: "" }),
					).rejects.toThrow();
				}
				way.thaw();
				const again = await source.take(3);
				expect(again.map(({ body }) => `${body}`).sort()).toEqual([
					"0",
					"1",
					"2",
				]);
				expect(again.map(isLost)).toEqual([false, false, false]);
				for (const message of again) await source.ack(message);
				await source.close();
				expect(await side.count(queue)).toBe(0);
				expect(source.losses).toHaveLength(1);
			},
		);

		test("loses nothing when its broker is killed and started again, also of what waits for its next attempt", {
			timeout: 90_000,
		}, async () => {
			const queue = await side.queue(type);
			// If RabbitMQ 3.10 is killed, a quorum queue younger than 3 s loses all, unless this is written.
			await broker.control("eval", "[dets:sync(T) || T <- dets:all()].");
			for (let i = 0; i < 100; i++)
				await side.send(queue, `${i}`, { messageId: `${i}` });
			const source = await open(broker.url, queue, { prefetch: 30 });
			const messages = await source.take(30);
			const failed = messages.slice(0, 10);
			await Promise.all(
				failed.map((message) => source.retry?.(message, 1000, 3)),
			);
			const receiving = expect(
				(async () => {
					for (;;) await source.take(1);
				})(),
			).rejects.toThrow();
			await broker.kill();
			await receiving;
			await expect(source.take(1)).rejects.toThrow(/ECONNREFUSED/);
			expect(await source.lag()).toBeUndefined();
			await broker.restart();
			const attempts = new Map<string, number>();
			const isAll = () =>
				attempts.size === 100 &&
				failed.every(({ id }) => attempts.get(id) === 3);
			while (!isAll()) {
				// Quorum queues cannot be read yet when the port is open.
				const some = await source.take(1).catch(() => []);
				for (const message of some) {
					const { id } = message;
					attempts.set(id, Math.max(message.attempts, attempts.get(id) ?? 0));
					await source.ack(message);
				}
			}
			await source.close();
		});
	});

	test("a source closes soon, though its broker answers no more", async () => {
		const source = await openCut(await side.queue());
		way.freeze();
		await source.close();
		way.thaw();
		await expect(source.one()).rejects.toThrow("closed");
	});

	describe("what cannot be opened says what, where and the way out, and never the password:", () => {
		const here = /127\.0\.0\.1:\d+/.source;

		test.each<[string, () => string, RegExp]>([
			[
				"a queue that is not there",
				() => urlOf("guest:guest"),
				new RegExp(
					`^cannot read queue "none" of ${here}: NOT_FOUND .*; make it`,
				),
			],
			[
				"a wrong password",
				() => urlOf("guest:secret"),
				new RegExp(
					`^cannot connect to ${here}: ACCESS_REFUSED .*; check the user`,
				),
			],
			[
				"an unknown virtual host",
				() => urlOf("guest:guest", "/nowhere"),
				new RegExp(
					`^cannot connect to ${here}/nowhere: .*vhost nowhere not found; check the virtual host`,
				),
			],
			[
				"a port at which nobody listens",
				() => "amqp://guest:secret@127.0.0.1:1",
				/^cannot connect to 127\.0\.0\.1:1: connect ECONNREFUSED .*; check the host/,
			],
		])("%s", async (_, url, message) => {
			const error: Error = await open(url(), "none").catch((error) => error);
			expect(error.message).toMatch(message);
			expect(error.message).not.toContain("secret");
		});

		test("a user who may not", { timeout: 60_000 }, async () => {
			const queue = await side.queue();
			await side.send(queue, "body");
			await broker.control("add_user", "eve", "secret");
			await expect(open(urlOf("eve:secret"), queue)).rejects.toThrow(
				/NOT_ALLOWED.*eve.*; check the virtual host/,
			);
			await broker.control("set_permissions", "eve", "", "", "");
			await expect(open(urlOf("eve:secret"), queue)).rejects.toThrow(
				new RegExp(`queue "${queue}" of .* ACCESS_REFUSED .*what he may`),
			);
			await broker.control("set_permissions", "eve", "", "", ".*");
			const source = await open(urlOf("eve:secret"), queue);
			const message = await source.one();
			await expect(source.retry?.(message, 5000, 1)).rejects.toThrow(
				new RegExp(
					`cannot open queue "applyd.${queue}.retry", .*needs to configure.*: ACCESS_REFUSED`,
				),
			);
			await source.retry?.(message, 0, 0);
			expect(await source.one()).toMatchObject({ isRedelivered: true });
			expect(source.losses).toEqual([]);
			await source.close();
		});
	});
});
