import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { openStream, signal } from "../streams.ts";
import { shareServer } from "../support.ts";

const MB = 2 ** 20;

describe.each(LANGUAGES)("a stream in $language", ({ algorithms }) => {
	const server = shareServer({ algorithms, maxWorkers: 2 });
	const open = (query = "") =>
		openStream(`${server.url}/v1/algo/stream/Items${query}`);

	it("is answered line by line while it still arrives", async () => {
		const stream = open();
		for (let index = 0; index < 3; index++) {
			stream.send(index * 2);
			const lines = await stream.has(index + 1);
			expect(lines.at(-1)).toEqual({ index, result: index * 2 });
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

	it("gives results as JSON, whatever they are", async () => {
		const values = ["Grüße\n", null, 1.5, [1, { a: "b" }], false, {}, ""];
		const stream = open();
		stream.send(...values);
		expect(await stream.end()).toEqual(
			values.map((result, index) => ({ index, result })),
		);
	});

	it("keeps numbers as they were written", async () => {
		const stream = open();
		await stream.end("1.0\n9007199254740993\n");
		expect(stream.text).toBe(
			'{"index":0,"result":1.0}\n{"index":1,"result":9007199254740993}\n',
		);
	});

	it("keeps the order of its lines", async () => {
		const stream = open();
		const [first, second] = [signal(), signal()];
		stream.send({ do: "hold", path: first.path });
		await first.began();
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
		const lines = await stream.end();
		expect(lines.at(-1)).toEqual({ index: 0, result: "held" });
	});

	it("writes what has ended while the line behind it still runs, though they came together", async () => {
		const slow = signal();
		const stream = open("?batch=serial");
		stream.send(1, 2, { do: "block", path: slow.path }, 4);
		expect(await stream.has(2)).toHaveLength(2);
		slow.go();
		expect(await stream.end()).toHaveLength(4);
	});

	it("gives back 100 000 lines in their order, each once", async () => {
		const count = 100_000;
		const text = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
		const lines = await open().end(text);
		expect(lines).toHaveLength(count);
		expect(
			lines.findIndex(({ index, result }, at) => index !== at || result !== at),
		).toBe(-1);
	});

	it("gives back 20 000 lines with order=done, each once", async () => {
		const count = 20_000;
		const text = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
		const lines = await open("?order=done").end(text);
		expect(lines.every(({ index, result }) => index === result)).toBe(true);
		expect(new Set(lines.map(({ index }) => index)).size).toBe(count);
		expect(lines).toHaveLength(count);
	});

	it.each([
		["with CR LF, and without a newline at the end", "1\r\n2\r\n3", [1, 2, 3]],
		["that begin with a byte order mark", "\ufeff1\n2\n", [1, 2]],
		["between blank ones, which are no lines", "\n1\n \t\r\n\n2\n\n", [1, 2]],
		["that are none: the answer is empty", "", []],
		["that are all blank: the answer is empty", "\n\r\n \n", []],
	])("takes lines %s", async (_, text, results) => {
		const stream = open();
		expect(await stream.end(text)).toEqual(
			results.map((result, index) => ({ index, result })),
		);
		expect((await stream.answer).statusCode).toBe(200);
	});

	it("answers a bad line with that line's error", async () => {
		const text = Buffer.from('1\n{"a":\nß\n1 2\n{"do":"throw"}\n6\n');
		text[text.indexOf("ß") + 1] = 0xff;
		const lines = await open().end(text);
		expect(lines).toEqual([
			{ index: 0, result: 1 },
			failed(1, "ParsingError"),
			failed(2, "ParsingError"),
			failed(3, "ParsingError"),
			{
				index: 4,
				error: { message: "too far", error_type: expect.any(String) },
			},
			{ index: 5, result: 6 },
		]);
		expect(lines[2]?.error?.message).toContain("UTF-8");
	});

	it("answers a line over 10 MB with that line's error, and the others", async () => {
		const stream = open();
		stream.send("before");
		for (let sent = 0; sent < 11; sent++) stream.sending.write("x".repeat(MB));
		stream.send("");
		const lines = await stream.end(`"${"x".repeat(9 * MB)}"\n"after"`);
		expect(lines.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
		expect(lines[1]).toEqual(failed(1, "TooLargeError"));
		expect(lines[1]?.error?.message).toMatch(/^the line is 11534338 bytes/);
		expect(lines[2]?.result).toHaveLength(9 * MB);
		expect(lines[3]?.result).toBe("after");
	});

	it("answers a line whose result is over 10 MB with that line's error", async () => {
		const stream = open();
		const { path } = signal();
		stream.send({ do: "text", path, length: 11 * MB }, "after");
		const lines = await stream.end();
		expect(lines).toEqual([
			failed(0, "TooLargeError"),
			{ index: 1, result: "after" },
		]);
	});

	it("loses one line to a line that ends its worker, and one to a line that loops", async () => {
		const stream = open("?itemTimeout=0.5");
		const { path } = signal();
		stream.send(0, 1, { do: "exit" }, 3, { do: "loop", path }, 5, 6);
		expect(await stream.end()).toEqual([
			{ index: 0, result: 0 },
			{ index: 1, result: 1 },
			failed(2, "SystemExit"),
			{ index: 3, result: 3 },
			failed(4, "TimeoutError"),
			{ index: 5, result: 5 },
			{ index: 6, result: 6 },
		]);
	});

	it("ends behind the first line that fails with onError=fail, when those before it are answered", async () => {
		const stream = open("?onError=fail");
		const first = signal();
		stream.send({ do: "hold", path: first.path });
		await first.began();
		stream.send({ do: "throw" }, "never");
		first.go();
		const lines = await stream.rest();
		expect(lines.map(({ index }) => index)).toEqual([0, 1]);
		expect(lines[1]?.error?.message).toBe("too far");
	});

	it("ends at once with onError=fail and order=done, and the lines that run with it", async () => {
		const stream = open("?onError=fail&order=done");
		const first = signal();
		stream.send({ do: "block", path: first.path });
		await first.began();
		stream.send({ do: "throw" });
		const lines = await stream.rest();
		expect(lines.map(({ index }) => index)).toEqual([1]);
	});

	it("ends at its timeout: lines that were read have that error, and the connection goes on", async () => {
		const stream = open("?timeout=1");
		const slow = signal();
		stream.send("first", { do: "block", path: slow.path });
		await slow.began();
		stream.send(...Array.from({ length: 300 }, () => "waits"));
		const lines = await stream.rest();
		expect(lines).toHaveLength(302);
		expect(lines[0]).toEqual({ index: 0, result: "first" });
		expect(lines[1]).toEqual(failed(1, "TimeoutError"));
		for (const [index, line] of lines.entries()) expect(line.index).toBe(index);
	});

	it("ends at its timeout when its sender stalls, and answers what came", async () => {
		const stream = open("?timeout=0.3");
		stream.sending.write('1\n2\n"not whole');
		expect(await stream.rest()).toEqual([
			{ index: 0, result: 1 },
			{ index: 1, result: 2 },
		]);
	});

	it("runs on one worker with batch=serial", async () => {
		const stream = open("?batch=serial");
		const [first, second] = [signal(), signal()];
		stream.send({ do: "hold", path: first.path });
		await first.began();
		stream.send({ do: "text", length: 1, path: second.path });
		first.go();
		expect(await stream.has(2)).toHaveLength(2);
		await stream.end();
	});

	it("ends what runs when its client has gone", async () => {
		const stream = open();
		const { path, began } = signal();
		stream.send({ do: "loop", path }, { do: "loop", path });
		await began();
		stream.sending.destroy();
		const next = open("?batch=serial");
		next.send("next");
		expect(await next.end()).toEqual([{ index: 0, result: "next" }]);
	});

	it("stops while its client does not read, and goes on when it does", async () => {
		const stream = open();
		const { path } = signal();
		const told = signal();
		stream.send("first");
		const response = await stream.answer;
		await stream.has(1);
		response.pause();
		const count = 1000;
		const line = { do: "text", path: told.path, length: MB / 4 };
		for (let sent = 0; sent < count; sent++) stream.send(line);
		stream.sending.end();
		// All that can run has run when another stream, behind it in the queue, is answered many times over.
		let before = -1;
		while (before !== told.count) {
			before = told.count;
			const other = open();
			other.send(
				...Array.from({ length: 20 }, () => ({ do: "text", path, length: 1 })),
			);
			await other.end();
		}
		expect(before).toBeLessThan(count / 4);
		expect(stream.lines).toHaveLength(1);
		response.resume();
		const lines = await stream.rest();
		expect(lines).toHaveLength(count + 1);
		expect(lines.findIndex(({ index }, at) => index !== at)).toBe(-1);
		expect(told.count).toBe(count);
	});
});

const failed = (index: number, errorType: string) => ({
	index,
	error: { message: expect.any(String), error_type: errorType },
});
