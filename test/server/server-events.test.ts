import { expect, test } from "vitest";
import { serverEvents } from "../../server/server-events.ts";

const TEXT =
	':\n\nevent: progress\ndata: {"a":"ü\\n\\n"}\n\n:\n\nevent: finished\ndata: {}\n\nevent: cut\nda';

test.each([1, 2, 3, 7, 1000])(
	"events come whole from chunks of %i bytes, without comments and what was cut off",
	async (size) => {
		const bytes = Buffer.from(TEXT);
		async function* chunks() {
			for (let at = 0; at < bytes.length; at += size)
				yield bytes.subarray(at, at + size);
		}
		const events: unknown[] = [];
		for await (const event of serverEvents(chunks())) events.push(event);
		expect(events).toEqual([
			{ event: "progress", data: { a: "ü\n\n" } },
			{ event: "finished", data: {} },
		]);
	},
);
