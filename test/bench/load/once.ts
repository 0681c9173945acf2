import { Client, requestBytes } from "./client.ts";

/** One call on a connection of its own. @returns the answer @throws Error it is no result */
export function callOnce(url: string, body: Buffer): Promise<string> {
	const address = new URL(url);
	return new Promise((done, fail) => {
		Client.open(address, requestBytes(address, body), fail).then((client) => {
			client.onAnswer = (status, answer) => {
				client.close();
				if (status === 200 && answer.includes('"result":'))
					done(answer.toString());
				else fail(new Error(`a wrong answer: ${status} ${answer}`));
			};
			client.send();
		}, fail);
	});
}
