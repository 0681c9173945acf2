import { afterAll, beforeAll, expect, test } from "vitest";
import { startApp, type TestServer } from "../../support/app.ts";
import { until } from "../../support/until.ts";
import { post } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
	server = await startApp({ logLevel: "debug" });
});
afterAll(() => server.close());

test("what an algorithm prints is its call's stdout, never a line of the server's own log", async () => {
	const { result, metadata } = await post(server, "life/Prints?stdout=true", {
		text: "mine",
	});
	expect(result).toBe("printed");
	expect(metadata.stdout).toBe(
		'mine\nmine on stderr\n{"level":"info","msg":"listening"}\n',
	);
	expect(server.log.filter(({ msg }) => msg === "listening")).toEqual([]);
});

test("parallel calls keep their outputs apart", async () => {
	const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);
	const answers = await Promise.all(
		texts.map((text) => post(server, "life/Prints?stdout=true", { text })),
	);
	for (const [i, { metadata }] of answers.entries()) {
		expect(metadata.stdout).toContain(`text ${i}\n`);
		for (const other of texts)
			if (other !== texts[i])
				expect(metadata.stdout).not.toContain(`${other}\n`);
	}
});

test("at log level debug what nobody asked for is a log line of its own", async () => {
	await post(server, "life/Prints", { text: "seen in the log" });
	const line = await until("it is logged", () =>
		server.log.find(
			({ msg, text }) =>
				msg === "output" && String(text).includes("seen in the log"),
		),
	);
	expect(line).toMatchObject({
		level: "debug",
		algorithm: "life/Prints/1.0.0",
	});
	expect(line.requestId).toMatch(/^req-/);
});
