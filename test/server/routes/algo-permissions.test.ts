import { beforeAll, describe, expect, it } from "vitest";
import { ADMIN_RIGHTS } from "../../../src/index.ts";
import { until } from "../../support/until.ts";
import { keyFor } from "../keys.ts";
import { shareServer } from "../support.ts";

const server = shareServer({ auth: "keys", rootKey: "root", account: "root" });
const ROOT = { Authorization: "root" };
let owner: { Authorization: string };
let stranger: { Authorization: string };
beforeAll(async () => {
	owner = await keyFor(server.store, "WIRE");
	stranger = await keyFor(server.store, "ada");
});

const FORBIDDEN =
	/^\{"error":\{"id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}","code":2001,"message":"Caller is not authorized to perform the operation"\}\}$/;

describe("a key that allows only some algorithms", () => {
	it.each([
		["algo://*", 200],
		["algo://wire/*", 200],
		["algo://Wire/echo", 200],
		["algo://wire/Echo/*", 200],
		["algo://wire/Other", 403],
		["algo://ada/*", 403],
	])("of %s: wire/Echo is %i", async (pattern, expected) => {
		const key = await keyFor(server.store, "ada", { algorithms: [pattern] });
		for (const path of ["Echo", "Echo/1.0.0", "echo"]) {
			const { status, text } = await server.call(path, "hi", key);
			expect(status).toBe(expected);
			if (status === 403) expect(text).toMatch(FORBIDDEN);
		}
	});

	it("learns nothing of the others: what is not there is 403 too", async () => {
		const key = await keyFor(server.store, "ada", {
			algorithms: ["algo://ada/*"],
		});
		expect((await server.call("NoSuch", 1, key)).status).toBe(403);
	});

	it("that is an admin key allows none", async () => {
		const key = await keyFor(server.store, "ada", ADMIN_RIGHTS);
		const { status, text } = await server.call("Echo", 1, key);
		expect(status).toBe(403);
		expect(text).toMatch(FORBIDDEN);
	});
});

describe("wire/Versions, of which 1.0.0 is private and 0.10.0 the newest public one,", () => {
	const NEVER_PRIVATE = ["", "/latest", "/0", "/0.x", "/0.10", "/0.10.*"];
	it.each(NEVER_PRIVATE)(
		"asked for as %j is the public one, for its owner too",
		async (selector) => {
			for (const key of [owner, stranger]) {
				const { body } = await server.call(`Versions${selector}`, 1, key);
				expect(body.result).toBe("0.10.0");
			}
		},
	);

	it.each(["/1", "/1.0", "/1.x"])(
		"asked for as %j is nothing, for its owner too",
		async (selector) => {
			for (const key of [owner, stranger]) {
				const { status } = await server.call(`Versions${selector}`, 1, key);
				expect(status).toBe(404);
			}
		},
	);

	it.each(["1.0.0", "latestPrivate"])(
		"asked for as %s is the private one for its owner, and to a stranger as if it were not there",
		async (selector) => {
			const path = `Versions/${selector}`;
			const own = await server.call(path, 1, owner);
			expect(own.body.result).toBe("1.0.0, private");
			for (const key of [stranger, ROOT]) {
				const other = await server.call(path, 1, key);
				expect(other.status).toBe(404);
				expect(other.text).toBe(
					`{"error":{"code":1000,"message":"algorithm algo://wire/${path} not found"}}`,
				);
			}
			const again = await server.call(path, 1, owner);
			expect(again.body.result).toBe("1.0.0, private");
		},
	);
});

describe("what tells of the source", () => {
	it("is shown to the owner: the stack", async () => {
		const own = await server.call("Throws", { what: "error" }, owner);
		expect(own.body.error.stacktrace).toContain("index.mjs");
		expect(own.body.error.stack_trace).toBe(own.body.error.stacktrace);
		const other = await server.call("Throws", { what: "error" }, stranger);
		expect(other.body.error).toEqual({
			message: "too far",
			error_type: "AlgorithmError",
		});
	});

	it("is not shown when the algorithm cannot be loaded either", async () => {
		const own = await server.call("ThrowsInLoad", 1, owner);
		expect(own.body.error.stacktrace).toContain("index.mjs");
		const other = await server.call("ThrowsInLoad", 1, stranger);
		expect(Object.keys(other.body.error)).toEqual(["message", "error_type"]);
	});

	it("is shown to the owner: what was printed; a stranger's wish for it is ignored", async () => {
		const path = "Print?stdout=true";
		const own = await server.call(path, { lines: ["one"] }, owner);
		expect(own.body.metadata.stdout).toBe("one\n");
		for (const input of [{ lines: ["one"] }, { fail: true }]) {
			const other = await server.call(path, input, stranger);
			expect(other.status).toBe(200);
			expect(other.body.metadata).not.toHaveProperty("stdout");
		}
		const late = await server.call(
			`${path}&timeout=0.2`,
			{ forever: true },
			stranger,
		);
		expect(late.body.metadata).not.toHaveProperty("stdout");
	});
});

describe("sudo", () => {
	it.each(["true", "True", "1"])(
		"=%s lets an operator act as the owner",
		async (sudo) => {
			const admin = await keyFor(server.store, "ada", ADMIN_RIGHTS);
			for (const key of [ROOT, admin]) {
				const path = `Versions/1.0.0?sudo=${sudo}`;
				const { body } = await server.call(path, 1, key);
				expect(body.result).toBe("1.0.0, private");
				const context = await server.call(`Context?sudo=${sudo}`, 1, key);
				expect(context.body.result.caller).toEqual({ account: "wire" });
			}
		},
	);

	it("is 403 to others, the owner among them", async () => {
		for (const key of [owner, stranger]) {
			const { status, text } = await server.call("Echo?sudo=true", 1, key);
			expect(status).toBe(403);
			expect(text).toMatch(FORBIDDEN);
		}
	});

	it("that is false changes nothing", async () => {
		const { body } = await server.call("Context?sudo=false", 1, stranger);
		expect(body.result.caller).toEqual({ account: "ada" });
	});
});

describe("calls of one account", () => {
	const few = shareServer({ auth: "keys", maxSessions: 1 });

	it("that are void count until they end, and others' do not", async () => {
		const [ada, sameAda, bob] = [
			await keyFor(few.store, "ada"),
			await keyFor(few.store, "Ada"),
			await keyFor(few.store, "bob"),
		];
		const open = await few.call("Wait?output=void&timeout=20", 600_000, ada);
		expect(open.body.async).toBe("void");
		for (const key of [ada, sameAda]) {
			const refused = await few.call("Echo", 1, key);
			expect(refused.status).toBe(429);
			expect(refused.headers["retry-after"]).toBe("1");
			expect(refused.body.error.message).toContain("account ada has 1");
		}
		expect((await few.call("Echo", 1, bob)).status).toBe(200);
	});

	it("may begin again when a void one has ended", async () => {
		const key = await keyFor(few.store, "eve");
		await few.call("Wait?output=void&timeout=0.3", 600_000, key);
		await until("there is room again", async () => {
			const { status } = await few.call("Echo", 1, key);
			return status === 200;
		});
	});
});
