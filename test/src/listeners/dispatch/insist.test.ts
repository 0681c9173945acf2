import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { GivenUp, Insist } from "../../../../src/listeners/dispatch/insist.ts";
import { Trouble } from "../../../../src/listeners/dispatch/trouble.ts";
import type { Letter } from "../../../../src/listeners/letter.ts";
import type { Sink } from "../../../../src/listeners/sink.ts";

const letter = { body: Buffer.from("{}") } as Letter;
const until = new AbortController().signal;
const trouble = () => new Trouble(() => {});

it("keeps nothing of the letters that are stored", async () => {
	const sink: Sink = { put: async () => {}, close: async () => {} };
	const insist = new Insist("results", sink, trouble(), until);
	await insist.put(letter);
	const before = heapBytes();
	const letters = 50_000;
	for (let i = 0; i < letters; i++) await insist.put(letter);
	expect((heapBytes() - before) / letters).toBeLessThan(50);
});

it("gives up what is being stored when its listener has ended, and what comes after that", async () => {
	const sink: Sink = {
		put: () => new Promise(() => {}),
		close: async () => {},
	};
	const ending = new AbortController();
	const insist = new Insist("results", sink, trouble(), ending.signal);
	const storing = insist.put(letter);
	ending.abort();
	await expect(storing).rejects.toBeInstanceOf(GivenUp);
	await expect(insist.put(letter)).rejects.toBeInstanceOf(GivenUp);
}, 20_000);

function heapBytes(): number {
	setFlagsFromString("--expose-gc");
	runInNewContext("gc")();
	return process.memoryUsage().heapUsed;
}
