import { afterEach, describe, expect, test } from "vitest";
import { type ServerProcess, startProcess } from "../support/process.ts";
import {
	commandOf,
	descendantsOf,
	isRunning,
} from "../support/process-table.ts";
import { until } from "../support/until.ts";

let server: ServerProcess;
afterEach(() => server.close());

const call = async (path: string, input: unknown) => {
	const response = await fetch(`${server.url}/v1/algo/${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(input),
	});
	return (await response.json()) as {
		result: unknown;
		error?: { message: string };
	};
};

/** Worker processes, the walls they are behind, and what they have started. */
const below = () => descendantsOf(server.child.pid as number);

test.each([{ spin: false }, { spin: true }])(
	"nothing of ours outlives a server that is killed with SIGKILL (a worker that spins: $spin)",
	async ({ spin }) => {
		server = await startProcess();
		await call("life/Parent", { spin });
		const processes = below();
		expect(processes.map(commandOf)).toContain("sleep 1000");
		server.child.kill("SIGKILL");
		await server.ended;
		await until("all of them are gone", () => !processes.some(isRunning));
	},
);

const oneCallIsOpen = () =>
	until("the call is open", async () => {
		const metrics = await (await fetch(`${server.url}/metrics`)).text();
		return metrics.includes("applyd_open_calls 1");
	});

describe("a signal to end", () => {
	test("lets running calls finish, refuses new ones, and exits 0 with nothing left", async () => {
		server = await startProcess();
		await call("life/Parent", {});
		const processes = below();
		expect(processes.map(commandOf)).toContain("sleep 1000");
		const running = call("life/Worker", { ms: 1500 });
		await oneCallIsOpen();
		server.child.kill("SIGTERM");
		await until("it drains", () =>
			server.log.some(({ msg }) => msg === "draining"),
		);
		await expect(fetch(`${server.url}/readyz`)).rejects.toThrow();
		expect((await running).result).toHaveProperty("loads", 1);
		expect(await server.ended).toBe(0);
		await until("no process is left", () => !processes.some(isRunning));
	});

	test("ends what does not finish in time", async () => {
		server = await startProcess(["--drain-seconds", "0.3"]);
		const running = call("life/Worker", { ms: 100_000 });
		await oneCallIsOpen();
		server.child.kill("SIGINT");
		expect((await running).error?.message).toBe("the server is shutting down");
		expect(await server.ended).toBe(0);
	});

	test("given twice ends at once", async () => {
		server = await startProcess(["--drain-seconds", "1000"]);
		const running = call("life/Worker", { ms: 100_000 }).catch(
			(error: Error) => error,
		);
		await oneCallIsOpen();
		server.child.kill("SIGTERM");
		await until("it drains", () =>
			server.log.some(({ msg }) => msg === "draining"),
		);
		server.child.kill("SIGTERM");
		expect(await server.ended).toBe(1);
		await running;
	});
});
