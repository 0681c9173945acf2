import { describe, expect, it } from "vitest";
import { checkListeners } from "../../../../src/listeners/declared/check.ts";

const SQS = { type: "sqs", queueUrl: "http://127.0.0.1:9324/000/moods" };
const AMQP = { type: "amqp", url: "amqp://127.0.0.1:5672/", queue: "moods" };
const KAFKA = {
	type: "kafka",
	brokers: ["127.0.0.1:9092"],
	topic: "moods",
	groupId: "g",
};
const DEAD = { type: "data", path: "data://.my/moods_dead" };

const environment = { SECRET: "s3cret", HOST: "kafka-1", EMPTY: "" };
const check = (text: string, maxTimeoutSeconds = 3000) =>
	checkListeners(text, { account: "ada", maxTimeoutSeconds, environment });
const moods = (more: object = {}) => ({
	name: "moods",
	algorithm: "nlp/Mood/1.0.5",
	source: SQS,
	...more,
});
const file = (...listeners: unknown[]) => JSON.stringify({ listeners });
const one = (more: object) => check(file(moods(more)))[0];
const faultOf = (work: () => unknown): string => {
	try {
		work();
	} catch (error) {
		return (error as Error).message;
	}
	return "nothing is wrong";
};
const faultIn = (more: object) => faultOf(() => one(more));

describe("a listeners file", () => {
	it("may have no listener, a schema, and a byte order mark", () => {
		expect(check('\uFEFF{"$schema":"x","listeners":[]}')).toEqual([]);
	});

	it("leaves out what has a default", () => {
		expect(one({})).toEqual({
			name: "moods",
			algorithm: "nlp/Mood/1.0.5",
			account: "ada",
			source: SQS,
			concurrency: 10,
			timeoutSeconds: 420,
			ack: "done",
			maxAttempts: 5,
			retryDelaySeconds: 5,
			busyDelaySeconds: 300,
			results: { type: "none" },
			deadLetters: { type: "broker" },
		});
	});

	it("is given back with all that it says", () => {
		const said = {
			account: "bob",
			source: {
				...SQS,
				region: "eu-west-1",
				endpoint: "http://127.0.0.1:9324",
			},
			concurrency: 4,
			timeoutSeconds: 0.5,
			ack: "accepted",
			maxAttempts: 1,
			retryDelaySeconds: 0,
			busyDelaySeconds: 43_200,
			results: { type: "data", path: "data://.my/moods" },
			deadLetters: DEAD,
		};
		expect(one(said)).toEqual(moods(said));
	});

	it("has a default timeout that the server allows", () => {
		expect(check(file(moods()), 60)[0]).toMatchObject({ timeoutSeconds: 60 });
	});

	it.each([
		["{", /^is no valid JSON: /],
		["[]", /^must be an object/],
		["{}", /^"listeners" is missing/],
		[
			'{"listeners":{}}',
			/^"listeners" is \{\}; it must be a list of listeners/,
		],
		['{"listner":[]}', /^unknown key "listner"; did you mean "listeners"\?/],
		[file(5), /^listeners\[0\]: it must be an object/],
		[
			file(moods(), moods()),
			/^listeners\[1\] "moods": "name" is that of listeners\[0\]/,
		],
		[
			file({ source: SQS }),
			/^listeners\[0\]: "name" is missing; it must be letters/,
		],
		[
			file({ name: "x", source: SQS }),
			/^listeners\[0\] "x": "algorithm" is missing/,
		],
		[
			file({ name: "x", algorithm: "a/B" }),
			/"source" is missing; it must be an object/,
		],
	])("that is %s is refused", (text, fault) => {
		expect(faultOf(() => check(text))).toMatch(fault);
	});

	it("is refused in one line", () => {
		expect(faultOf(() => check("{\n\n\nx"))).not.toContain("\n");
		expect(faultIn({ "a\nb": 1 })).not.toContain("\n");
	});
});

describe("a listener", () => {
	it.each([
		[{ name: "two words" }, /"name" is "two words"; it must be letters/],
		[{ name: ".." }, /"name" is "\.\."/],
		[{ name: "x".repeat(101) }, /at most 100/],
		[{ name: "0e4b4f6e-8c1d-4f0e-9f55-0a8f3b8f2f11" }, /no UUID/],
		[{ algorithm: "Mood" }, /"algorithm" is "Mood"; it must be OWNER\/NAME/],
		[{ algorithm: "nlp/Mood/" }, /"algorithm" is/],
		[{ algorithm: "nlp/Mood/one" }, /"algorithm" is/],
		[{ algorithm: "n-p/Mood" }, /"algorithm" is/],
		[{ account: "x y" }, /"account" is "x y"; it must be an account/],
		[
			{ concurency: 5 },
			/unknown key "concurency"; did you mean "concurrency"\?/,
		],
		[
			{ concurrency: 0 },
			/"concurrency" is 0; it must be a whole number from 1/,
		],
		[{ timeoutSeconds: 3001 }, /"timeoutSeconds" is 3001; .* at most 3000/],
		[{ ack: "later" }, /"ack" is "later"; it must be one of done, accepted/],
		[{ maxAttempts: 1.5 }, /"maxAttempts" is 1\.5/],
		[{ retryDelaySeconds: -1 }, /"retryDelaySeconds" is -1/],
		[{ busyDelaySeconds: 43_201 }, /"busyDelaySeconds" is 43201; .* to 43200/],
		[{ source: "sqs" }, /"source" is "sqs"; it must be an object/],
	])("with %j is refused, naming the field", (more, fault) => {
		expect(faultIn(more)).toMatch(fault);
	});

	it.each([
		[{}, /"source.type" is missing; it must be one of sqs, amqp, kafka/],
		[{ type: "sqz" }, /"source.type" is "sqz"; it must be one of sqs/],
		[
			{ type: "sqs", queueUrl: 5 },
			/"source.queueUrl" is 5; it must be an address/,
		],
		[{ type: "sqs" }, /"source.queueUrl" is missing; it must be an address/],
		[
			{ ...SQS, queurl: "" },
			/unknown key "source.queurl"; did you mean "queueUrl"/,
		],
		[{ ...SQS, queueUrl: "ftp://x/y" }, /begins with http:\/\/ or https:\/\//],
		[{ ...SQS, credentials: { a: "s3cret" } }, /usual AWS_… variables/],
		[{ ...AMQP, url: "http://x" }, /begins with amqp:\/\/ or amqps:\/\//],
		[{ ...AMQP, queue: "" }, /"source.queue" is ""/],
		[{ ...AMQP, prefetch: 0 }, /"source.prefetch" is 0/],
		[
			{ ...KAFKA, brokers: "b:1" },
			/"source.brokers" is "b:1"; it must be a list/,
		],
		[{ ...KAFKA, brokers: ["b"] }, /"source.brokers" is \["b"\]/],
		[{ ...KAFKA, brokers: [] }, /at least one/],
		[{ ...KAFKA, groupId: undefined }, /"source.groupId" is missing/],
		[{ ...KAFKA, from: "now" }, /one of earliest, latest/],
		[{ ...KAFKA, order: "any" }, /one of key, partition, none/],
		[
			{ ...KAFKA, tls: { caa: "x" } },
			/unknown key "source.tls.caa"; did you mean "ca"/,
		],
		[{ ...KAFKA, sasl: {} }, /"source.sasl.mechanism" is missing; .* PLAIN/],
		[
			{ ...KAFKA, sasl: { mechanism: "MD5", username: "u", password: "p" } },
			/"source.sasl.mechanism" is "MD5"/,
		],
	])("with the source %j is refused, naming the field", (source, fault) => {
		expect(faultIn({ source, deadLetters: DEAD })).toMatch(fault);
	});

	it.each([
		[{ type: "data" }, /"results.path" is missing; it must be a collection/],
		[{ type: "data", path: "moods" }, /"results.path" is "moods"/],
		[{ type: "data", path: "data://.my" }, /"results.path" is/],
		[{ type: "data", path: "data://.my/a/b" }, /"results.path" is/],
		[{ type: "data", path: "ftp://a/b" }, /"results.path" is/],
		[{ type: "webhook", url: "http://x" }, /"results.secret" is missing/],
		[
			{ type: "webhook", url: "x", secret: "whsec_YQ==" },
			/"results.url" is "x"/,
		],
		[{ type: "amqp", url: AMQP.url }, /"results.routingKey" is missing/],
		[{ type: "amqp", routingKey: "r" }, /"results.url" is missing/],
		[{ type: "kafka", topic: "r" }, /"results.brokers" is missing/],
		[{ type: "broker" }, /"results.type" is "broker"; it must be one of data/],
		[{ type: "none", path: "x" }, /unknown key "results.path"/],
	])("with the results %j is refused, naming the field", (results, fault) => {
		expect(faultIn({ results })).toMatch(fault);
	});

	it("may store in a bucket of a connector", () => {
		const results = { type: "data", path: "s3+lab://bucket/moods" };
		expect(one({ results })).toMatchObject({ results });
	});

	it("never has a secret in what is said of it", () => {
		const results = { type: "webhook", url: "http://x", secret: "s3cret" };
		expect(faultIn({ results })).toMatch(
			/"results.secret" is \(not shown\); it must be whsec_ and the base64/,
		);
		const url = "amq://guest:s3cret@host/";
		for (const more of [
			{ results },
			{ source: { ...AMQP, url } },
			{ source: { ...SQS, credentials: "s3cret" } },
			{ source: { ...KAFKA, sasl: "s3cret" }, deadLetters: DEAD },
		])
			expect(faultIn(more)).not.toContain("s3cret");
	});

	it("that reads Kafka must name a place for its dead letters", () => {
		const reason = /Kafka has no place for dead letters of its own; name one/;
		expect(faultIn({ source: KAFKA })).toMatch(reason);
		const deadLetters = { type: "broker" };
		expect(faultIn({ source: KAFKA, deadLetters })).toMatch(reason);
		expect(one({ source: KAFKA, deadLetters: DEAD })).toMatchObject({
			source: { ...KAFKA, from: "earliest" },
		});
	});

	it("says behind which queue the dead letters are with AMQP only", () => {
		const deadLetters = { type: "broker", queue: "dead" };
		expect(one({ source: AMQP, deadLetters })).toMatchObject({ deadLetters });
		expect(faultIn({ deadLetters })).toMatch(/"deadLetters.queue" is given/);
	});
});

describe("a destination of the source's type", () => {
	it("has the source's connection, unless it says", () => {
		const sqs = { ...SQS, region: "eu-west-1", endpoint: "http://127.0.0.1" };
		const queueUrl = "http://127.0.0.1/000/results";
		expect(
			one({
				source: sqs,
				results: { type: "sqs", queueUrl },
				deadLetters: { type: "sqs", queueUrl, region: "eu-west-2" },
			}),
		).toMatchObject({
			results: { ...sqs, queueUrl },
			deadLetters: { ...sqs, queueUrl, region: "eu-west-2" },
		});
		const sasl = { mechanism: "PLAIN", username: "u", password: "p" };
		const kafka = { ...KAFKA, tls: true, sasl };
		const { brokers } = KAFKA;
		const listener = one({
			source: kafka,
			results: { type: "kafka", topic: "r" },
			deadLetters: { type: "kafka", topic: "d", brokers: ["other:9092"] },
		});
		expect(listener?.results).toEqual({
			type: "kafka",
			topic: "r",
			brokers,
			tls: true,
			sasl,
		});
		expect(listener?.deadLetters).toEqual({
			type: "kafka",
			topic: "d",
			brokers: ["other:9092"],
		});
		const { url } = AMQP;
		const results = { type: "amqp", routingKey: "r" };
		expect(one({ source: AMQP, results })?.results).toEqual({
			...results,
			url,
		});
	});

	it.each([
		[SQS, { type: "sqs", queueUrl: `${SQS.queueUrl}/` }, "queueUrl"],
		[AMQP, { type: "amqp", routingKey: "moods" }, "routingKey"],
		[KAFKA, { type: "kafka", topic: "moods" }, "topic"],
	])("that is the source %j itself is refused", (source, place, field) => {
		const elsewhere = { source, deadLetters: DEAD };
		expect(faultIn({ ...elsewhere, results: place })).toMatch(
			new RegExp(`"results.${field}" is .*, which is the source`),
		);
		expect(faultIn({ source, deadLetters: place })).toMatch(
			new RegExp(`"deadLetters.${field}" is .*, which is the source`),
		);
	});

	it.each([
		[AMQP, { type: "amqp", routingKey: "moods", exchange: "x" }],
		[AMQP, { type: "amqp", routingKey: "moods", url: "amqp://other/" }],
		[KAFKA, { type: "kafka", topic: "moods", brokers: ["other:1"] }],
		[SQS, { type: "kafka", topic: "moods", brokers: ["other:1"] }],
	])("of %j is not the source if it is elsewhere: %j", (source, results) => {
		expect(one({ source, results, deadLetters: DEAD })).toMatchObject({
			results,
		});
	});
});

describe("a variable in an address or a secret", () => {
	it("stands for its value", () => {
		const url = `amqp://guest:\${SECRET}@127.0.0.1/`;
		expect(one({ source: { ...AMQP, url } })?.source).toMatchObject({
			url: "amqp://guest:s3cret@127.0.0.1/",
		});
		const sasl = {
			mechanism: "PLAIN",
			username: `\${HOST}`,
			password: `\${SECRET}`,
		};
		const brokers = [`\${HOST}:9092`, "kafka-2:9092"];
		const source = { ...KAFKA, brokers, sasl };
		expect(one({ source, deadLetters: DEAD })?.source).toMatchObject({
			brokers: ["kafka-1:9092", "kafka-2:9092"],
			sasl: { username: "kafka-1", password: "s3cret" },
		});
	});

	it("stays as it is elsewhere", () => {
		const queue = `\${HOST}`;
		expect(one({ source: { ...AMQP, queue } })?.source).toMatchObject({
			queue,
		});
	});

	it.each(["NOWHERE", "EMPTY"])("must be set: %s is not", (name) => {
		const url = `amqp://\${${name}}@127.0.0.1/`;
		expect(faultIn({ source: { ...AMQP, url } })).toBe(
			`listeners[0] "moods": "source.url" takes \${${name}} from the environment, and ${name} is not set`,
		);
	});
});
