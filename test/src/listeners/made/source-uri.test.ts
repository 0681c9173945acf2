import { describe, expect, it } from "vitest";
import {
	readSourceUri,
	type SourceType,
} from "../../../../src/listeners/made/source-uri.ts";

const read = (type: SourceType, uri: string, credentials?: string) =>
	readSourceUri(type, uri, credentials, "the-id");

describe("the address of a source", () => {
	it("is a queue's URL, with keys", () => {
		const queueUrl = "https://sqs.eu-west-1.amazonaws.com/123/moods";
		expect(read("AmazonSQS", queueUrl)).toEqual({ type: "sqs", queueUrl });
		expect(read("AmazonSQS", queueUrl, "ID:SE/C+RET:TOKEN")).toEqual({
			type: "sqs",
			queueUrl,
			credentials: {
				accessKeyId: "ID",
				secretAccessKey: "SE/C+RET",
				sessionToken: "TOKEN",
			},
		});
	});

	it("is a topic of Kafka, in the clear where there are no credentials", () => {
		expect(read("Kafka", "kafka://a:9092,b:9092/moods")).toEqual({
			type: "kafka",
			brokers: ["a:9092", "b:9092"],
			topic: "moods",
			groupId: "the-id",
			from: "earliest",
			tls: false,
		});
	});

	it("is a topic of Kafka, with SASL over TLS where there are some", () => {
		const uri = "kafka://a:9092/moods?groupId=g&from=latest";
		const sasl = { mechanism: "PLAIN", username: "ada", password: "p:w" };
		const listener = { groupId: "g", from: "latest", tls: true, sasl };
		expect(read("Kafka", uri, "ada:p:w")).toMatchObject(listener);
		const asked = `${uri}&mechanism=SCRAM-SHA-512&tls=false`;
		expect(read("Kafka", asked, "ada:p:w")).toMatchObject({
			tls: false,
			sasl: { ...sasl, mechanism: "SCRAM-SHA-512" },
		});
	});

	it("is a queue of AMQP", () => {
		const uri = "amqps://host/vhost?queue=moods";
		expect(read("AMQP", uri)).toEqual({
			type: "amqp",
			url: "amqps://host/vhost",
			queue: "moods",
		});
		expect(read("AMQP", uri, "ada:p@ss/w:d")).toMatchObject({
			url: "amqps://ada:p%40ss%2Fw%3Ad@host/vhost",
		});
	});

	it.each<[SourceType, string, string | undefined, RegExp]>([
		[
			"Kafka",
			"kafka://a/moods",
			undefined,
			/it must be kafka:\/\/HOST:PORT\/TOPIC/,
		],
		["Kafka", "kafka://a:1/", undefined, /it must be kafka:/],
		["Kafka", "kafka://u:p@a:1/t", undefined, /has a user in it/],
		[
			"Kafka",
			"kafka://a:1/t?group=g",
			undefined,
			/has the parameter "group"; it may have groupId/,
		],
		[
			"Kafka",
			"kafka://a:1/t?from=now",
			undefined,
			/from=now; it must be one of earliest, latest/,
		],
		[
			"Kafka",
			"kafka://a:1/t?mechanism=PLAIN",
			undefined,
			/there are no credentials/,
		],
		[
			"Kafka",
			"kafka://a:1/t?mechanism=MD5",
			"u:p",
			/mechanism=MD5; it must be one of/,
		],
		["Kafka", "kafka://a:1/t", "nobody", /credentials must be USER:PASSWORD/],
		[
			"AMQP",
			"amqp://host/",
			undefined,
			/it must be amqps:\/\/HOST\/VHOST\?queue=NAME/,
		],
		["AMQP", "http://host/?queue=q", undefined, /it must be amqps:/],
		["AMQP", "amqp://u:p@host/?queue=q", undefined, /has a user in it/],
		["AMQP", "amqp://host/?queue=a&queue=b", undefined, /has queue twice/],
	])("of %s may not be %s with %s", (type, uri, credentials, fault) => {
		expect(() => read(type, uri, credentials)).toThrow(fault);
	});
});
