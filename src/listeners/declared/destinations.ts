import { UsageError } from "../../config/config.ts";
import type { SourceOptions } from "../options.ts";

type Fields = Record<string, unknown>;

/** How to reach a broker: what a destination of the same type need not say again. */
const CONNECTION: Record<SourceOptions["type"], readonly string[]> = {
	sqs: ["region", "endpoint"],
	amqp: ["url"],
	kafka: ["brokers", "tls", "sasl"],
};

/** A destination with what it leaves out because it is the source's (interface §7). A broker of its own has all of its own. */
export function connected(destination: Fields, source: Fields): Fields {
	const { type } = destination;
	if (type !== source.type || destination.brokers !== undefined)
		return destination;
	const names = CONNECTION[type as SourceOptions["type"]] ?? [];
	const inherited = names.flatMap((name) =>
		source[name] === undefined ? [] : [[name, source[name]]],
	);
	return { ...Object.fromEntries(inherited), ...destination };
}

/** @throws UsageError if what goes to the destination comes from the source again, for ever */
export function demandOtherThan(
	source: Fields,
	destination: Fields,
	name: string,
): void {
	const [field, isSame] = sameness(source, destination);
	if (destination.type === source.type && isSame)
		throw new UsageError(
			`"${name}.${field}" is ${JSON.stringify(destination[field])}, which is the source: what is put there would come again for ever; it must be another`,
		);
}

function sameness(source: Fields, destination: Fields): [string, boolean] {
	switch (source.type) {
		case "sqs": {
			const bare = (url: unknown) => String(url).replace(/\/+$/, "");
			return ["queueUrl", bare(source.queueUrl) === bare(destination.queueUrl)];
		}
		case "amqp":
			return [
				"routingKey",
				!destination.exchange &&
					source.url === destination.url &&
					source.queue === destination.routingKey,
			];
		default: {
			const known = source.brokers as string[];
			const shares = (destination.brokers as string[] | undefined)?.some(
				(one) => known.includes(one),
			);
			return ["topic", shares === true && source.topic === destination.topic];
		}
	}
}
