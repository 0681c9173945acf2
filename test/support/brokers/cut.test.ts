import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePorts } from "../ports.ts";
import { until } from "../until.ts";
import { type Cut, startCut } from "./cut.ts";

describe("a cut before an echo", () => {
	const server = createServer({ allowHalfOpen: true }, (socket) => {
		accepted.push(socket);
		socket.on("error", (error) => faults.push(error.message));
		socket.pipe(socket);
	});
	let accepted: Socket[];
	let faults: string[];
	let port: number;
	let cut: Cut;
	beforeEach(async () => {
		accepted = [];
		faults = [];
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		port = (server.address() as AddressInfo).port;
		cut = await startCut(port);
	});
	afterEach(async () => {
		await cut.close();
		server.close();
		await once(server, "close");
	});

	async function open(at = cut.port) {
		const socket = connect(at, "127.0.0.1");
		const client = { socket, heard: "", fault: undefined as unknown };
		socket.setEncoding("utf8").on("data", (text) => {
			client.heard += text;
		});
		socket.on("error", (error: NodeJS.ErrnoException) => {
			client.fault = error.code;
		});
		await once(socket, "connect");
		return client;
	}

	test("passes all that is said, and an end as an end", async () => {
		const socket = connect({ port: cut.port, allowHalfOpen: true });
		const said = "0123456789".repeat(100_000);
		socket.end(said);
		expect(await text(socket)).toBe(said);
		expect(faults).toEqual([]);
	});

	test("when it cuts, both sides are reset; who comes then gets through", async () => {
		const first = await open();
		first.socket.write("one");
		await until("it is heard", () => first.heard === "one");
		cut.cut();
		await until("both know", () => first.fault && faults.length > 0);
		expect(first.fault).toBe("ECONNRESET");
		expect(faults).toEqual(["read ECONNRESET"]);
		const second = await open();
		second.socket.write("two");
		await until("it is heard", () => second.heard === "two");
	});

	test("what is said while it is frozen passes when it thaws", async () => {
		const early = await open();
		early.socket.write("a");
		await until("it is heard", () => early.heard === "a");
		cut.freeze();
		early.socket.write("b");
		accepted[0]?.write("c");
		const late = await open();
		late.socket.write("d");
		await until("both have come", () => accepted.length === 2);
		const beside = await open(port);
		beside.socket.end("e");
		await until("that is heard", () => beside.heard === "e");
		expect([early.heard, late.heard]).toEqual(["a", ""]);
		expect([early.fault, late.fault]).toEqual([undefined, undefined]);
		cut.thaw();
		await until("all is heard", () => early.heard.length === 3);
		await until("all is heard", () => late.heard === "d");
		expect([...early.heard].sort()).toEqual(["a", "b", "c"]);
	});

	test("with nobody behind it, whoever comes is reset", async () => {
		const [nobody = 0] = await freePorts(1);
		cut.leadTo(nobody);
		const client = await open();
		await until("it knows", () => client.fault);
		expect(client.fault).toBe("ECONNRESET");
	});
});
