import type { SQS, SQSClientConfig } from "@aws-sdk/client-sqs";
import { optionalImport } from "../../../optional-import.ts";
import type { SqsOptions } from "../../options.ts";
import { faultOf } from "./fault.ts";

/** A connection that is not made by then, or an answer that has not begun, is taken as lost; the SDK then tries a new one. */
const CONNECTION_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A poll waits for some seconds before its answer begins. */
export const POLL_TIMEOUT_MS = 15_000;

/** @throws Error if the SDK is not installed */
export const loadSdk = () =>
	optionalImport(
		"a queue of SQS",
		"@aws-sdk/client-sqs",
		() => import("@aws-sdk/client-sqs"),
	);

export type Sdk = Awaited<ReturnType<typeof loadSdk>>;

/** Its errors are `SqsError`s. */
export function connect(
	sdk: Sdk,
	{ queueUrl, endpoint = originOf(queueUrl), region, credentials }: SqsOptions,
): SQS {
	const config: SQSClientConfig = {
		endpoint,
		region:
			regionOf(queueUrl) ?? region ?? process.env.AWS_REGION ?? "us-east-1",
		...(credentials && { credentials }),
		requestHandler: {
			connectionTimeout: CONNECTION_TIMEOUT_MS,
			requestTimeout: REQUEST_TIMEOUT_MS,
			throwOnRequestTimeout: true,
			// An answer may also stop in its middle.
			socketTimeout: POLL_TIMEOUT_MS,
		},
	};
	const sqs = new sdk.SQS(config);
	sqs.middlewareStack.add(
		(next, { commandName = "" }) =>
			async (args) => {
				try {
					return await next(args);
				} catch (error) {
					const { QueueUrl, QueueName } = args.input as QueueInput;
					const queue = QueueUrl ?? QueueName ?? queueUrl;
					throw faultOf(error, { commandName, queue, endpoint });
				}
			},
		{ step: "initialize", priority: "high" },
	);
	return sqs;
}

interface QueueInput {
	QueueUrl?: string;
	QueueName?: string;
}

/** A server is where its queues' addresses say, AWS or not. */
function originOf(queueUrl: string): string {
	if (URL.canParse(queueUrl)) return new URL(queueUrl).origin;
	throw new Error(
		`"queueUrl" is ${JSON.stringify(queueUrl)}, which is not a URL; give the whole address of the queue, or its server as "endpoint"`,
	);
}

/** @example `https://sqs.eu-west-1.amazonaws.com/123456789012/moods` → `eu-west-1` */
export function regionOf(queueUrl: string): string | undefined {
	const { hostname } = new URL(queueUrl, "http://localhost");
	if (!/\.(amazonaws\.com(\.cn)?|api\.aws)$/.test(hostname)) return undefined;
	return hostname
		.split(".")
		.find((label) => /^[a-z]{2}(-[a-z]+)+-\d+$/.test(label));
}
