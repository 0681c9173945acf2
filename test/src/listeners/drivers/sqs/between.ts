import { once } from "node:events";
import {
	createServer,
	type IncomingMessage,
	request,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request to SQS on its way. */
export interface Passing {
	/** As `SendMessageBatch`. */
	action: string;
	/** That it is signed for. */
	region: string | undefined;
	input: Record<string, unknown> & { Entries?: Record<string, unknown>[] };
}

type Answer = { error: string } | object | undefined;

/** A place between a client and its server, where what AWS does and no other server can be done. */
export interface Between {
	endpoint: string;
	/** All requests so far. */
	seen: Passing[];
	/** Answers instead of the server, from now on: with an error of SQS, or an output. Otherwise the request goes on. */
	answer(instead: (passing: Passing) => Answer | Promise<Answer>): void;
	close(): Promise<void>;
}

export async function startBetween(server: string): Promise<Between> {
	const seen: Passing[] = [];
	let instead: Parameters<Between["answer"]>[0] = () => undefined;

	const pass = async (req: IncomingMessage, res: ServerResponse) => {
		const body = await buffer(req);
		const action = String(req.headers["x-amz-target"]).split(".")[1] ?? "";
		const region = req.headers.authorization?.match(
			/\/\d+\/([^/]+)\/sqs\//,
		)?.[1];
		const passing = { action, region, input: JSON.parse(body.toString()) };
		seen.push(passing);
		const answer = await instead(passing);
		if (answer) return reply(res, answer);
		const onward = request(server + req.url, {
			method: "POST",
			headers: req.headers,
		});
		res.on("close", () => onward.destroy());
		onward.on("error", () => res.destroy());
		onward.end(body);
		const [response] = (await once(onward, "response")) as [IncomingMessage];
		res.writeHead(response.statusCode ?? 500, response.headers);
		response.pipe(res);
	};
	const http = createServer((req, res) => {
		pass(req, res).catch(() => res.destroy());
	});
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
	return {
		endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
		seen,
		answer(how) {
			instead = how;
		},
		async close() {
			http.close();
			http.closeAllConnections();
			await once(http, "close");
		},
	};
}

function reply(res: ServerResponse, answer: { error: string } | object): void {
	const isError = "error" in answer;
	const status = !isError ? 200 : answer.error === "AccessDenied" ? 403 : 400;
	const output = isError
		? { __type: `com.amazonaws.sqs#${answer.error}`, message: "as AWS says it" }
		: answer;
	res.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
	res.end(JSON.stringify(output));
}
