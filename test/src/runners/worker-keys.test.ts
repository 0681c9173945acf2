import { expect, test } from "vitest";
import type { Lane } from "../../../src/runners/lane.ts";
import { WorkerKeys } from "../../../src/runners/worker-keys.ts";

const holder = () => ({ lane: {} as Lane, algorithm: "ada/Mood/1.0.0" });

test("a key is its worker's until the worker is gone", () => {
	const keys = new WorkerKeys();
	keys.apiUrl = "http://127.0.0.1:8080";
	const mine = holder();
	const { ALGORITHMIA_API: api, ALGORITHMIA_API_KEY: key = "" } =
		keys.issue(mine);
	keys.issue(holder());
	expect(api).toBe("http://127.0.0.1:8080");
	expect(key).toMatch(/^sim[\w+/]{25}$/);
	expect(keys.holderOf(key)).toBe(mine);
	keys.revoke(mine.lane);
	expect(keys.holderOf(key)).toBeUndefined();
});

test("without a server a client is sent to an address that nobody has", () => {
	expect(new WorkerKeys().issue(holder())).toEqual({
		ALGORITHMIA_API: expect.stringMatching(/^http:\/\/[a-z-]+\.invalid$/),
	});
});
