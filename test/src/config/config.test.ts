import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
	asksForKeys,
	fallbackOf,
	isLoopback,
	loadConfig,
	UsageError,
	wantedWalls,
} from "../../../src/config/config.ts";
import { SETTINGS } from "../../../src/config/settings.ts";

const refusal = (
	flags: Record<string, string>,
	environment: NodeJS.ProcessEnv = {},
	envFile = "",
): string => {
	try {
		loadConfig(flags, environment, envFile);
	} catch (error) {
		if (error instanceof UsageError) return error.message;
		throw error;
	}
	return "no refusal";
};

describe("a setting", () => {
	it("comes from the flag, then the variable, then .env, then the default", () => {
		const flags = { port: "1001" };
		const environment = { APPLYD_PORT: "1002" };
		const envFile = "APPLYD_PORT=1003";
		expect(loadConfig(flags, environment, envFile).port).toBe(1001);
		expect(loadConfig({}, environment, envFile).port).toBe(1002);
		expect(loadConfig({}, {}, envFile).port).toBe(1003);
		expect(loadConfig({}, {}, "").port).toBe(8080);
	});

	it("whose variable is empty has its default", () => {
		expect(loadConfig({}, { APPLYD_PORT: "" }).port).toBe(8080);
	});

	it("has the contract's default", () => {
		expect(loadConfig({}, { NODE_ENV: "test" })).toMatchObject({
			host: "127.0.0.1",
			port: 8080,
			algorithms: [resolve("algorithms")],
			state: resolve(".applyd"),
			auth: "auto",
			account: "local",
			rootKey: undefined,
			idleSeconds: 300,
			isolation: "thread",
			memoryMb: 1024,
			maxQueue: 1000,
			maxSessions: 80,
			timeoutSeconds: 300,
			maxTimeoutSeconds: 3000,
			loadTimeoutSeconds: 300,
			maxInputBytes: 10_485_760,
			maxOutputBytes: 10_485_760,
			drainSeconds: 30,
			logLevel: "info",
		});
	});

	it("has a default that it would accept itself", () => {
		for (const setting of Object.values(SETTINGS))
			expect(() => setting.read(fallbackOf(setting))).not.toThrow();
	});

	it("has a flag and a variable of one name, and no other has it", () => {
		const all = Object.values(SETTINGS);
		for (const { flag, variable } of all)
			if (flag !== undefined)
				expect(variable).toBe(
					`APPLYD_${flag.toUpperCase().replaceAll("-", "_")}`,
				);
		expect(new Set(all.map(({ variable }) => variable)).size).toBe(all.length);
	});

	it("with several roots is split at colons, and each is absolute", () => {
		const { algorithms } = loadConfig({ algorithms: "a:/b/c::d" }, {});
		expect(algorithms).toEqual([resolve("a"), "/b/c", resolve("d")]);
	});

	it.each([
		["true", true],
		["1", true],
		["ON", true],
		["false", false],
		["0", false],
		["No", false],
	])("that is a switch reads %j as %j", (text, value) => {
		expect(loadConfig({ watch: text }, {}).watch).toBe(value);
	});
});

describe("a bad value", () => {
	it.each([
		["port", "http", "from 0 to 65535"],
		["port", "65536", "from 0 to 65535"],
		["port", "-1", "from 0 to 65535"],
		["port", "80.5", "from 0 to 65535"],
		["port", "0x50", "from 0 to 65535"],
		["port", " ", "from 0 to 65535"],
		["host", "", "not empty"],
		["algorithms", "", "not empty"],
		["max-workers", "0", "from 1 to 1024"],
		["memory-mb", "1g", "from 16 to"],
		["max-queue", "0", "at least 1"],
		["timeout-seconds", "0", "above 0"],
		["timeout-seconds", "-5", "above 0"],
		["timeout-seconds", "soon", "above 0"],
		["timeout-seconds", "NaN", "above 0"],
		["max-timeout-seconds", "Infinity", "at most 86400"],
		["idle-seconds", "", "above 0"],
		["isolation", "container", "one of thread, process"],
		["log-level", "loud", "trace, debug, info"],
		["auth", "maybe", "one of auto, keys, off"],
		["account", "no-name", "a letter, then letters"],
		["account", "a".repeat(31), "at most 30 characters"],
		["watch", "perhaps", "true or false"],
	])(
		"of --%s, %j, is refused, naming it and what is allowed",
		(flag, value, allowed) => {
			const message = refusal({ [flag]: value });
			expect(message).toContain(`--${flag} is ${JSON.stringify(value)}`);
			expect(message).toContain(allowed);
			expect(message).not.toContain("\n");
		},
	);

	it("of a variable names the variable, wherever it is written", () => {
		const expected = /^APPLYD_PORT is "http"; it must be a whole number/;
		expect(refusal({}, { APPLYD_PORT: "http" })).toMatch(expected);
		expect(refusal({}, {}, "APPLYD_PORT=http")).toMatch(expected);
	});

	it("that a flag overrides is not looked at", () => {
		expect(loadConfig({ port: "1" }, { APPLYD_PORT: "http" }).port).toBe(1);
	});
});

describe("an unknown variable", () => {
	it("of ours is refused, naming the nearest known one", () => {
		const expected = "unknown variable APPLYD_PROT; did you mean APPLYD_PORT?";
		expect(refusal({}, { APPLYD_PROT: "1" })).toBe(expected);
		expect(refusal({}, {}, "APPLYD_PROT=1")).toBe(expected);
	});

	it("of others is nobody's business", () => {
		expect(refusal({}, { PORT: "x", applyd_port: "x" })).toBe("no refusal");
	});

	it("is none of those that client commands and workers know", () => {
		const environment = {
			APPLYD_SERVER: "http://127.0.0.1:1",
			APPLYD_KEY: "simabc",
			APPLYD_PYTHON: "/usr/bin/python3",
		};
		expect(refusal({}, environment)).toBe("no refusal");
	});
});

describe("the root key", () => {
	it("comes from its variable alone, never from a flag", () => {
		expect(SETTINGS.rootKey.flag).toBeUndefined();
		expect(loadConfig({}, { APPLYD_ROOT_KEY: " simroot\n" }).rootKey).toBe(
			"simroot",
		);
		expect(loadConfig({}, { APPLYD_ROOT_KEY: "" }).rootKey).toBeUndefined();
	});
});

describe("callers need a key", () => {
	it.each([
		["auto", "127.0.0.1", false],
		["auto", "0.0.0.0", true],
		["auto", "::", true],
		["keys", "127.0.0.1", true],
		["off", "0.0.0.0", false],
	] as const)("with --auth %s on %s: %s", (auth, host, isAsked) => {
		expect(asksForKeys({ auth, host })).toBe(isAsked);
	});
});

describe("a loopback address", () => {
	it.each(["127.0.0.1", "127.9.9.9", "::1", "localhost"])("is %s", (host) => {
		expect(isLoopback(host)).toBe(true);
	});

	it.each([
		"0.0.0.0",
		"::",
		"10.0.0.1",
		"127.example.com",
		"localhost.example.com",
	])("is not %s", (host) => {
		expect(isLoopback(host)).toBe(false);
	});
});

describe("the walls that are wanted", () => {
	const wanted = (flags: Record<string, string>) =>
		wantedWalls(loadConfig(flags, {}));

	it.each([
		[{}, false],
		[{ auth: "keys" }, true],
		[{ host: "0.0.0.0" }, true],
		[{ host: "0.0.0.0", auth: "off" }, false],
	])(
		"by themselves hide files only where callers need keys: %o",
		(flags, hidesFiles) => {
			const { pieces, areRequired } = wanted(flags);
			expect(pieces.includes("files")).toBe(hidesFiles);
			expect(pieces).toEqual(expect.arrayContaining(["processes", "temp"]));
			expect(areRequired).toBe(false);
		},
	);

	it("by name are those, or no start", () => {
		expect(wanted({ containment: "files,limits" })).toEqual({
			pieces: ["files", "limits"],
			areRequired: true,
		});
		expect(wanted({ containment: "off" })).toEqual({
			pieces: [],
			areRequired: true,
		});
	});
});
