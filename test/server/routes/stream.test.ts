import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { openStream, signal } from "../streams.ts";
import { shareServer } from "../support.ts";

describe.each(LANGUAGES)("a stream in $language", ({ algorithms }) => {
	const server = shareServer({ algorithms, maxWorkers: 2 });
	const open = (query = "", headers = {}) =>
		openStream(`${server.url}/v1/algo/stream/Items`, query, headers);

	it("is answered line by line while it still arrives", async () => {
		const stream = open();
		for (let index = 0; index < 3; index++) {
			stream.send(index * 2);
			expect((await stream.has(index + 1)).at(-1)).toEqual({
				index,
				result: index * 2,
			});
		}
		const { statusCode, headers } = await stream.answer;
		expect(statusCode).toBe(200);
		expect(headers).toMatchObject({
			"content-type": "application/x-ndjson",
			"transfer-encoding": "chunked",
			"x-request-id": expect.stringMatching(/^req-/),
		});
		expect(await stream.end()).toHaveLength(3);
	});

	it("keeps the order of its lines", async () => {
		const stream = open();
		const first = signal();
		stream.send({ do: "hold", path: first.path });
		await first.began();
		const second = signal();
		stream.send({ do: "text", length: 1, path: second.path });
		await second.began();
		stream.send("third");
		expect(stream.text).toBe("");
		first.go();
		expect(await stream.end()).toEqual([
			{ index: 0, result: "held" },
			{ index: 1, result: "x" },
			{ index: 2, result: "third" },
		]);
	});

	it("does not wait for earlier lines with order=done", async () => {
		const stream = open("?order=done");
		const first = signal();
		stream.send({ do: "hold", path: first.path });
		await first.began();
		stream.send("second");
		expect(await stream.has(1)).toEqual([{ index: 1, result: "second" }]);
		first.go();
		expect((await stream.end()).at(-1)).toEqual({ index: 0, result: "held" });
	});

	it("gives back 100 000 lines in their order, each once", async () => {
		const count = 100_000;
		const text = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
		const lines = await open().end(text);
		expect(lines).toHaveLength(count);
		expect(
			lines.findIndex(({ index, result }, i) => index !== i || result !== i),
		).toBe(-1);
	});
});
