/** One server-sent event with its JSON. */
export interface ServerEvent {
	event: string;
	data: unknown;
}

/** What stands in a stream of server-sent events, as our routes write them; comments are passed over. */
export async function* serverEvents(
	bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerEvent, void> {
	const decoder = new TextDecoder();
	let rest = "";
	for await (const chunk of bytes) {
		rest += decoder.decode(chunk, { stream: true });
		const blocks = rest.split("\n\n");
		rest = blocks.pop() ?? "";
		for (const block of blocks) {
			const event = /^event: (.*)$/m.exec(block)?.[1];
			const data = /^data: (.*)$/m.exec(block)?.[1];
			if (event !== undefined && data !== undefined)
				yield { event, data: JSON.parse(data) };
		}
	}
}
