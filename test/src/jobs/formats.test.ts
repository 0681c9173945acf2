import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	count,
	failedInputs,
	failures,
	finished,
	type Host,
	newState,
	openHost,
	outcomes,
	remove,
	upload,
} from "./host.ts";

let host: Host;
beforeAll(async () => {
	host = await openHost(await newState());
});
afterAll(async () => {
	await host.close();
	await remove(host.state);
});

const run = async (
	...args: Parameters<typeof upload> extends [unknown, ...infer Rest]
		? Rest
		: never
) => {
	const made = await upload(host, ...args);
	return finished(host, made);
};
const results = async (job: { id: string }) =>
	(await outcomes(host, job)).map(({ result }) => result);
const types = async (job: { id: string }) =>
	(await outcomes(host, job)).map(({ error }) => error?.error_type);

describe("lines of JSON", () => {
	it.each([
		["with a newline at the end", "1\n2\n"],
		["without one", "1\n2"],
		["with carriage returns", "1\r\n2\r\n"],
		["behind a byte order mark", "\ufeff1\n2\n"],
		["with blank lines", "\n1\n\n  \n2\n\n"],
		["compressed", gzipSync("1\n2\n")],
	])("%s are items", async (_, content) => {
		const job = await run(content);
		expect(job).toMatchObject({
			status: "completed",
			items: { total: 2, succeeded: 2, failed: 0, pending: 0 },
		});
		expect(await results(job)).toEqual([1, 2]);
	});

	it("that cannot be read are errors of their own", async () => {
		const content = Buffer.concat([
			Buffer.from('{"id":"first"}\nno JSON\n"'),
			Buffer.from([0xff]),
			Buffer.from(`"\n"${"x".repeat(11 * 2 ** 20)}"\n"last"`),
		]);
		const job = await run(content);
		expect(job.items).toEqual({
			total: 5,
			succeeded: 2,
			failed: 3,
			pending: 0,
		});
		expect(await types(job)).toEqual([
			undefined,
			"ParsingError",
			"ParsingError",
			"TooLargeError",
			undefined,
		]);
		expect((await outcomes(host, job))[0]?.id).toBe("first");
		const told = await failures(host, job);
		expect(told.map(({ index }) => index)).toEqual([1, 2, 3]);
		expect(told[0]?.input).toBe("no JSON");
		expect(String(told[2]?.input)).toMatch(/^"x{1000,1100}$/);
		expect(await failedInputs(host, job)).toMatch(/^no JSON\n/);
	});

	it("may be none", async () => {
		expect(await run("")).toMatchObject({
			status: "completed",
			items: { total: 0, succeeded: 0, failed: 0, pending: 0 },
		});
	});

	it("keep numbers that JavaScript cannot hold when they are given back", async () => {
		const job = await run('{"fails":9,"n":12345678901234567890,"x":1.0}\n', {
			maxAttempts: 1,
		});
		expect(await failedInputs(host, job)).toBe(
			'{"fails":9,"n":12345678901234567890,"x":1.0}\n',
		);
	});
});

describe("a JSON array", () => {
	it("is streamed, element by element", async () => {
		const job = await run('[1, {"a":[1,2]},\n"b", [] ]', { format: "json" });
		expect(await results(job)).toEqual([1, { a: [1, 2] }, "b", []]);
	});

	it("gives failed elements back on lines of their own", async () => {
		const job = await run('[\n  {\n    "fails": 9\n  },\n  1\n]', {
			format: "json",
			maxAttempts: 1,
		});
		expect(await failures(host, job)).toMatchObject([
			{ index: 0, input: { fails: 9 } },
		]);
		expect(JSON.parse(await failedInputs(host, job))).toEqual({ fails: 9 });
	});

	it("that breaks off fails the job, and what was before is kept", async () => {
		const items = [...count(3000)].map((item) => JSON.stringify(item));
		const job = await run(`[${items.join(",")},{"a":`, { format: "json" });
		expect(job.status).toBe("failed");
		expect(job.error?.message).toContain("the JSON array does not end");
		expect(job.items.succeeded).toBe(3000);
		expect(await results(job)).toEqual([...count(3000)]);
	});

	it("is demanded of a job that says so", async () => {
		const job = await run("{}", { format: "json" });
		expect(job.error?.message).toContain("the input is not a JSON array");
	});
});

describe("CSV", () => {
	it("makes an object of each row", async () => {
		const job = await run('a,b\n1,"x ""y"""\n2,"two\nlines"\n', {
			format: "csv",
		});
		expect(await results(job)).toEqual([
			{ a: "1", b: 'x "y"' },
			{ a: "2", b: "two\nlines" },
		]);
	});

	it("tells types from texts if asked to", async () => {
		const job = await run("a,b,c\n1,true,\n", {
			format: "csv",
			csvTypes: "infer",
		});
		expect(await results(job)).toEqual([{ a: 1, b: true, c: null }]);
	});

	it("with a row of another length costs that row", async () => {
		const job = await run("a,b\n1,2\n3\n5,6\n", { format: "csv" });
		expect(await types(job)).toEqual([undefined, "ParsingError", undefined]);
		expect(await failedInputs(host, job)).toBe("3\n");
	});

	it("in many shards keeps its header", async () => {
		const rows = Array.from({ length: 5000 }, (_, i) => `${i},x`);
		const job = await run(`i,b\r\n${rows.join("\r\n")}\r\n`, { format: "csv" });
		expect(await results(job)).toEqual(
			rows.map((_, i) => ({ i: String(i), b: "x" })),
		);
	});
});

describe("text", () => {
	it("is an item a line", async () => {
		const job = await run('one\r\n"two"\n\nthree', { format: "text" });
		expect(await results(job)).toEqual(["one", '"two"', "three"]);
	});
});

describe("what is compressed", () => {
	it("and broken off fails the job by name, and what was before is kept", async () => {
		const whole = gzipSync("1\n".repeat(200_000));
		const job = await run(whole.subarray(0, whole.length - 20));
		expect(job.status).toBe("failed");
		expect(job.error?.message).toContain("the gzip data end too early");
		expect((await outcomes(host, job)).length).toBe(job.items.succeeded);
	});
});
