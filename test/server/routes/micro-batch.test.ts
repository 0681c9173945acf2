import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/index.ts";
import { SHARED } from "../../support/app.ts";
import { LANGUAGES } from "../../support/languages.ts";
import { until } from "../../support/until.ts";
import { keyFor } from "../keys.ts";
import { JSON_TYPE, shareServer } from "../support.ts";

const BATCH = "micro/Batch/1.0.0";
/** Of its manifest. */
const MAX_ITEMS = 16;

describe.each(LANGUAGES)("in $language", ({ language, module, algorithms }) => {
	const server = shareServer({ algorithms });
	const call = (input: unknown, query = "", headers = JSON_TYPE) =>
		server.post(
			`/v1/algo/${BATCH}${query}`,
			typeof input === "string" ? input : JSON.stringify(input),
			headers,
		);
	/** Starts calls that all wait when the worker becomes free. */
	const together = <T>(starts: (() => PromiseLike<T>)[]) =>
		gathered(server.engine, BATCH, starts, (path) => call({ until: path }));
	const values = (count: number) =>
		Array.from({ length: count }, (_, value) => () => call({ value }));
	const kills = async () =>
		sum(await read(server, "applyd_kills_total", { algorithm: BATCH }));

	it("calls that wait for a worker run together, as many as the manifest allows, and each gets its own result", async () => {
		const answers = await together(values(64));
		for (const [value, { body }] of answers.entries()) {
			expect(body.result).toMatchObject({ value, together: MAX_ITEMS });
			expect(body.metadata.duration).toBeGreaterThan(0);
		}
		const ids = answers.map(({ body }) => body.metadata.request_id);
		expect(new Set(ids).size).toBe(64);
	});

	it("a caller who calls again and again is alone in its batches, and does not wait for others", async () => {
		await call({});
		const released = (why: string) =>
			read(server, "applyd_batches_total", { algorithm: BATCH, released: why });
		const before = sum(await released("idle"));
		for (let value = 0; value < 20; value++)
			expect((await call({ value })).body.result.together).toBe(1);
		expect(sum(await released("idle"))).toBe(before + 20);
	});

	it("an error in the place of a result is the error of that call only", async () => {
		const [first, second, third] = await together([
			() => call({ value: 1 }),
			() => call({ error: "not this one" }),
			() => call({ value: 3 }),
		]);
		expect(first?.body.result).toMatchObject({ value: 1, together: 3 });
		expect(second?.body.error).toMatchObject({
			message: "not this one",
			error_type: "AlgorithmError",
		});
		expect(third?.body.result).toMatchObject({ value: 3, together: 3 });
	});

	it("if it throws, the calls run one by one, and only the cause of it fails", async () => {
		const [first, second, third] = await together([
			() => call({ value: 1 }),
			() => call({ throws: "no" }),
			() => call({ value: 3 }),
		]);
		expect(first?.body.result).toMatchObject({ value: 1, together: "alone" });
		expect(second?.body.error.message).toBe("no");
		expect(third?.body.result).toMatchObject({ value: 3, together: "alone" });
	});

	it("if it throws for a single call, that is the call's error", async () => {
		expect((await call({ throws: "no" })).body.error.message).toBe("no");
	});

	it("a wrong number of results fails each call of the batch", async () => {
		const answers = await together([() => call({ count: 3 }), ...values(3)]);
		const name = language === "Python" ? "apply_batch" : "applyBatch";
		for (const { body } of answers)
			expect(body.error).toMatchObject({
				message: `${name} answered 3 results for 4 inputs`,
				error_type: "AlgorithmError",
			});
	});

	it("a body that is refused and an input that fails its schema are not in the batch", async () => {
		const [refused, wrong, right, also] = await together([
			() => call("{not JSON"),
			() => call("[1]"),
			() => call({ value: 3 }),
			() => call({ value: 4 }),
		]);
		expect(refused?.status).toBe(400);
		expect(refused?.body.error.message).toContain("not valid JSON");
		expect(wrong?.body.error.error_type).toBe("InputError");
		expect(right?.body.result).toMatchObject({ value: 3, together: 2 });
		expect(also?.body.result).toMatchObject({ value: 4, together: 2 });
	});

	it("a batch of which nothing is an input never reaches the author's code", async () => {
		const answers = await together([() => call("{"), () => call("[]")]);
		expect(answers.map(({ status }) => status)).toEqual([400, 200]);
	});

	it("a batch that kills its worker is run one by one: the call that kills it again gets the error", async () => {
		const before = await kills();
		const [first, culprit, third] = await together([
			() => call({ value: 1 }),
			() => call({ exits: 3 }),
			() => call({ value: 3 }),
		]);
		expect(first?.body.result).toMatchObject({ value: 1, together: "alone" });
		expect(culprit?.body.error).toMatchObject({
			message: "exited with code 3",
			error_type: "SystemExit",
		});
		expect(third?.body.result).toMatchObject({ value: 3, together: "alone" });
		expect(await kills()).toBe(before + 2);
	});

	it("a caller whose time is up while the batch runs is answered, and the others get their results of the same worker", async () => {
		const before = await kills();
		const last = flag();
		let late: Promise<unknown> = Promise.resolve();
		const answers = await together([
			() => call({ value: 1, until: last.path }),
			() => {
				const answer = call({ value: 2 }, "?timeout=1");
				late = answer.then(last.raise);
				return answer;
			},
			() => call({ value: 3 }),
		]);
		await late;
		expect(answers[1]?.body.error.error_type).toBe("TimeoutError");
		for (const place of [0, 2])
			expect(answers[place]?.body.result).toMatchObject({
				value: place + 1,
				together: 3,
			});
		expect(await kills()).toBe(before);
	});

	it("a batch for which nobody waits any more is ended", async () => {
		const before = await kills();
		const never = flag().path;
		const answers = await together([
			() => call({ until: never }, "?timeout=1"),
			() => call({ until: never }, "?timeout=1"),
		]);
		for (const { body } of answers)
			expect(body.error.error_type).toBe("TimeoutError");
		await until("its worker is gone", async () => (await kills()) > before);
		expect((await call({ value: 1 })).body.result.value).toBe(1);
	});

	it("a caller who hangs up does not end the batch for the others", async () => {
		const before = await kills();
		const last = flag();
		const gone = new AbortController();
		const [, answer] = await gathered<
			{ body: { result: unknown } } | undefined
		>(
			server.engine,
			BATCH,
			[
				() =>
					fetch(`${server.url}/v1/algo/${BATCH}`, {
						method: "POST",
						headers: JSON_TYPE,
						body: "{}",
						signal: gone.signal,
					}).then(
						() => undefined,
						() => undefined,
					),
				() => call({ value: 2, until: last.path }),
			],
			(path) => call({ until: path }),
			async () => {
				const open = server.engine.openCalls;
				gone.abort();
				await until("he has left", () => server.engine.openCalls < open);
				await last.raise();
			},
		);
		expect(answer?.body.result).toMatchObject({ value: 2, together: 2 });
		expect(await kills()).toBe(before);
	});

	it("what is printed goes to each call of the batch that wants it", async () => {
		const answers = await together([
			() => call({ prints: "one" }, "?stdout=true"),
			() => call({ prints: "two" }),
			() => call({}, "?stdout=true"),
		]);
		const printed = answers.map(({ body }) => body.metadata.stdout);
		expect(printed).toEqual(["one\ntwo\n", undefined, "one\ntwo\n"]);
	});

	it("each call has its answer in the form that it wants", async () => {
		const [bare, enveloped] = await together([
			() => call({ value: 1 }, "?output=raw"),
			() => call({ value: 2 }),
		]);
		expect(JSON.parse(bare?.text ?? "")).toMatchObject({ value: 1 });
		expect(enveloped?.body.result).toMatchObject({ value: 2, together: 2 });
	});

	it("a list in its native form is one input", async () => {
		const path = "/v1/algo/micro/Only/1.0.0";
		const { body } = await server.post(path, "[1,2]");
		expect(body.result).toEqual([[1, 2], 1]);
	});

	it("a list that is run item by item goes its own way beside the batches", async () => {
		const path = "/v1/algo/micro/Only/1.0.0";
		const [list, single] = await Promise.all([
			server.post(`${path}?batch=serial`, "[1,2,3]"),
			server.post(path, "4"),
		]);
		expect(list.body.result).toEqual([1, 2, 3].map((item) => [item, 3]));
		expect(single.body.result).toEqual([4, 1]);
	});

	it("a module with nothing else runs batches of one where a batch threw", async () => {
		const path = "micro/Only/1.0.0";
		const only = (input: string) => () =>
			server.post(`/v1/algo/${path}`, JSON.stringify(input));
		await only("first")();
		const answers = await Promise.all(
			["a", "bad", "b", "c"].map((input) => only(input)()),
		);
		expect(answers.map(({ body }) => body.result?.[0])).toEqual([
			"a",
			undefined,
			"b",
			"c",
		]);
		expect(answers[1]?.body.error.message).toBe("there is a bad one");
	});

	it("a module without it does not load where the manifest asks for batches", async () => {
		const { body } = await server.post("/v1/algo/micro/NoBatch/1.0.0", "1");
		expect(body.error.error_type).toBe("LoadingError");
		expect(body.error.message).toMatch(
			`${module} has no ${language === "Python" ? "apply_batch" : "applyBatch"}, which "microBatch" in algorithm.json needs`,
		);
	});

	it("/metrics shows the sizes of batches and why each was released", async () => {
		const algorithm = BATCH;
		const [bucketsBefore, fullBefore] = [
			await read(server, "applyd_batch_items_bucket", { algorithm }),
			sum(
				await read(server, "applyd_batches_total", {
					algorithm,
					released: "full",
				}),
			),
		];
		await together(values(MAX_ITEMS + 3));
		const buckets = await read(server, "applyd_batch_items_bucket", {
			algorithm,
		});
		const rise = (le: string) =>
			(buckets.get(le) ?? 0) - (bucketsBefore.get(le) ?? 0);
		// The call that keeps the worker busy, those that are left over, a full batch.
		expect([rise("1"), rise("4"), rise("16"), rise("+Inf")]).toEqual([
			1, 2, 3, 3,
		]);
		const full = await read(server, "applyd_batches_total", {
			algorithm,
			released: "full",
		});
		expect(sum(full)).toBe(fullBefore + 1);
	});
});

describe("in JavaScript, where code can do more beside a batch,", () => {
	const server = shareServer({
		auth: "keys",
		rootKey: "root",
		account: "root",
	});
	const start = (ref: string, headers: Headers) => (input: unknown) =>
		server.post(`/v1/algo/${ref}`, JSON.stringify(input), {
			...JSON_TYPE,
			...headers,
		});

	it("an exception that nobody caught ends the batch, and only its cause fails", async () => {
		const call = start(BATCH, await keyFor(server.store, "ada"));
		const [first, second] = await gathered(
			server.engine,
			BATCH,
			[() => call({ value: 1 }), () => call({ strays: "astray" })],
			(path) => call({ until: path }),
		);
		expect(first?.body.result).toMatchObject({ value: 1, together: "alone" });
		expect(second?.body.error.message).toBe("astray");
	});

	describe("code in a batch acts", () => {
		const SPEAKS = "micro/Speaks/1.0.0";
		it.each(["name", "data"])(
			"for its caller if there is one: %s",
			async (asks) => {
				const call = start(SPEAKS, await keyFor(server.store, "ada"));
				const answers = await gathered(
					server.engine,
					SPEAKS,
					[() => call({ asks }), () => call({ asks })],
					(path) => call({ until: path }),
				);
				const who = asks === "data" ? "data" : "ada";
				for (const { body } of answers) expect(body.result).toEqual([who, 2]);
			},
		);

		it.each(["name", "data"])(
			"for nobody if there are several, who are then served one by one: %s",
			async (asks) => {
				const ada = start(SPEAKS, await keyFor(server.store, "ada"));
				const bob = start(SPEAKS, await keyFor(server.store, "bob"));
				const answers = await gathered(
					server.engine,
					SPEAKS,
					[() => ada({ asks }), () => bob({ asks })],
					(path) => ada({ until: path }),
				);
				const results = answers.map(({ body }) => body.result);
				const names = asks === "data" ? ["data", "data"] : ["ada", "bob"];
				expect(results).toEqual(names.map((name) => [name, "alone"]));
			},
		);
	});
});

type Headers = Record<string, string>;

/** A file that author code waits for. */
function flag() {
	const path = join(SHARED, randomUUID());
	return { path, raise: () => writeFile(path, "") };
}

/**
 * Starts calls while the version's one worker is busy, and lets it go on when all of them wait for it.
 * @param block starts a call that keeps the worker busy until there is a file
 * @param whenTaken the worker has them now
 */
async function gathered<T>(
	engine: Engine,
	ref: string,
	starts: (() => PromiseLike<T>)[],
	block: (path: string) => PromiseLike<unknown>,
	whenTaken: () => Promise<void> = async () => {},
): Promise<T[]> {
	const runner = () =>
		[...engine.active].find(([version]) => version.ref === ref)?.[1];
	const free = flag();
	const blocked = Promise.resolve(block(free.path));
	await until(
		"the worker is busy",
		() => runner()?.countLanes("busy") === 1 && runner()?.waiting === 0,
	);
	const answers = starts.map((start) => Promise.resolve(start()));
	await until("all wait", () => runner()?.waiting === starts.length);
	await free.raise();
	await blocked;
	await until("the worker has them", () => runner()?.waiting === 0);
	await whenTaken();
	return Promise.all(answers);
}

/** The samples of one metric that carry these labels, by `le` if they have one. */
async function read(
	server: { get(path: string): PromiseLike<{ text: string }> },
	name: string,
	labels: Record<string, string>,
): Promise<Map<string, number>> {
	const { text } = await server.get("/metrics");
	const wanted = Object.entries(labels).map(([k, v]) => `${k}="${v}"`);
	const lines = text
		.split("\n")
		.filter((line) => line.startsWith(`${name}{`))
		.filter((line) => wanted.every((label) => line.includes(label)));
	return new Map(
		lines.map((line) => [
			/le="([^"]+)"/.exec(line)?.[1] ?? line.split(" ")[0] ?? "",
			Number(line.split(" ").at(-1)),
		]),
	);
}

const sum = (samples: Map<string, number>) =>
	[...samples.values()].reduce((total, value) => total + value, 0);
