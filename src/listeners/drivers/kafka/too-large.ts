import type { BaseOptions } from "@platformatic/kafka";
import { Undeliverable } from "../../sink.ts";
import type { Kafka } from "./client.ts";

const LIMIT = "max.message.bytes";

/** Says what the limit is, if the broker tells us. */
export async function tooLarge(
	kafka: Kafka,
	options: BaseOptions,
	topic: string,
	bytes: number,
): Promise<Undeliverable> {
	const limit = await limitOf(kafka, options, topic).catch(() => undefined);
	const allowed = limit === undefined ? "" : ` of ${limit} bytes`;
	return new Undeliverable(
		`a record of ${bytes} bytes is over the limit of topic "${topic}", its ${LIMIT}${allowed}; raise that, or answer with less`,
	);
}

async function limitOf(
	kafka: Kafka,
	options: BaseOptions,
	topic: string,
): Promise<string | undefined> {
	const admin = new kafka.Admin(options);
	admin.on("error", () => {});
	try {
		const [found] = await admin.describeConfigs({
			resources: [
				{
					resourceType: kafka.ConfigResourceTypes.TOPIC,
					resourceName: topic,
					configurationKeys: [LIMIT],
				},
			],
		});
		return found?.configs[0]?.value ?? undefined;
	} finally {
		await admin.close();
	}
}
