import { describe, expect, it } from "vitest";
import { FrameReader } from "../../../src/protocol/frame-reader.js";
import {
	callsFrame,
	HEAD_BYTES,
	InputKind,
	jsonFrame,
	Kind,
	MAX_FRAME_BYTES,
	outcomeFrame,
	readCalls,
	readOutcome,
	Status,
	Want,
} from "../../../src/protocol/frames.js";

type Frame = { kind: number; payload: Buffer };

/** What a reader makes of these chunks. */
function read(...chunks: Buffer[]): Frame[] {
	const frames: Frame[] = [];
	const reader = new FrameReader();
	for (const chunk of chunks)
		reader.push(chunk, (kind, payload) =>
			frames.push({ kind, payload: Buffer.from(payload) }),
		);
	return frames;
}

const payloadOf = (frame: Buffer): Buffer => {
	const [only, ...more] = read(frame);
	expect(more).toEqual([]);
	return (only as Frame).payload;
};

const call = (id: number, body: string | Buffer) => ({
	id,
	inputKind: InputKind.JSON,
	wants: 0,
	deadlineAt: 5000,
	requestId: `req-${id}`,
	account: "local",
	body: Buffer.from(body),
});

const BODIES = [
	Buffer.alloc(0),
	Buffer.from("1"),
	Buffer.from('"Grüße, 世界 👋"'),
	Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
	Buffer.alloc(100_000, 7),
];

describe("a frame of calls", () => {
	it("gives back each call with its body, byte for byte", () => {
		const sent = BODIES.map((body, i) => ({
			...call(i + 1, body),
			inputKind: [InputKind.JSON, InputKind.MESSAGE][i % 2] as number,
			wants: Want.STDOUT,
		}));
		const received = readCalls(
			payloadOf(Buffer.concat(callsFrame(sent, 1250.5))),
		);
		expect(received).toEqual(
			sent.map(({ deadlineAt, ...rest }) => ({
				...rest,
				remainingMs: deadlineAt - 1250.5,
			})),
		);
	});

	it("carries large ids, no request id, and a time that is over", () => {
		const sent = { ...call(2 ** 31 - 1, "x"), requestId: "", deadlineAt: 10 };
		const [received] = readCalls(
			payloadOf(Buffer.concat(callsFrame([sent], 35))),
		);
		expect(received).toMatchObject({
			id: 2 ** 31 - 1,
			requestId: "",
			remainingMs: -25,
		});
	});
});

describe("a frame of an outcome", () => {
	it.each([
		["an empty body", [""]],
		["text beyond ASCII", ["Grüße, 世界 👋 \u2028"]],
		["bytes", [Buffer.from([0, 255, 128, 10])]],
		["a body in parts", ['{"result":', "世界", Buffer.from("}")]],
	])("gives back %s", (_, parts) => {
		const fields = {
			id: 7,
			status: Status.RESULT,
			contentType: 2,
			runMs: 0.123456789,
			errorType: "",
		};
		expect(readOutcome(payloadOf(outcomeFrame({ ...fields, parts })))).toEqual({
			...fields,
			body: Buffer.concat(parts.map((part) => Buffer.from(part))),
		});
	});

	it("carries the longest error type", () => {
		const sent = {
			id: 1,
			status: Status.ERROR,
			contentType: 0,
			runMs: 1,
			errorType: "E".repeat(255),
			parts: ["{}"],
		};
		expect(readOutcome(payloadOf(outcomeFrame(sent)))).toMatchObject({
			errorType: sent.errorType,
			body: Buffer.from("{}"),
		});
	});
});

describe("a frame of JSON", () => {
	it("gives back its message", () => {
		const message = { lane: 3, text: "世界", nested: [null, 1.5] };
		const [frame] = read(jsonFrame(Kind.OPEN, message));
		expect(frame?.kind).toBe(Kind.OPEN);
		expect(JSON.parse(String(frame?.payload))).toEqual(message);
	});
});

describe("a reader", () => {
	const stream = Buffer.concat([
		jsonFrame(Kind.READY, { loadMs: 1 }),
		...callsFrame([call(1, ""), call(2, "世界")], 0),
		jsonFrame(Kind.CANCEL, {}),
	]);
	const whole = read(stream);

	it("finds every frame of one chunk", () => {
		expect(whole.map(({ kind }) => kind)).toEqual([
			Kind.READY,
			Kind.CALLS,
			Kind.CANCEL,
		]);
	});

	it("finds the same frames wherever the stream is cut", () => {
		for (let at = 0; at <= stream.length; at++)
			expect(read(stream.subarray(0, at), stream.subarray(at))).toEqual(whole);
	});

	it("finds the same frames in chunks of any size", () => {
		for (let size = 1; size < stream.length; size++) {
			const chunks: Buffer[] = [];
			for (let at = 0; at < stream.length; at += size)
				chunks.push(stream.subarray(at, at + size));
			expect(read(...chunks)).toEqual(whole);
		}
	});

	it("hands over a frame as soon as its last byte is there, and not before", () => {
		const frame = jsonFrame(Kind.END, { lane: 1 });
		const frames: number[] = [];
		const reader = new FrameReader();
		for (let at = 0; at < frame.length; at++) {
			expect(frames).toEqual([]);
			reader.push(frame.subarray(at, at + 1), (kind) => frames.push(kind));
		}
		expect(frames).toEqual([Kind.END]);
	});

	it("knows a frame without a payload", () => {
		const empty = Buffer.from([0, 0, 0, 0, Kind.END]);
		expect(read(Buffer.concat([empty, empty]))).toEqual([
			{ kind: Kind.END, payload: Buffer.alloc(0) },
			{ kind: Kind.END, payload: Buffer.alloc(0) },
		]);
	});

	it("throws on a length over the limit before any of its bytes have come", () => {
		const head = Buffer.alloc(HEAD_BYTES);
		head.writeUInt32LE(MAX_FRAME_BYTES + 1);
		expect(() => read(head)).toThrow(RangeError);
		expect(() => read(Buffer.from("HTTP/1.1 400\r\n"))).toThrow(RangeError);
		expect(() => read(head.subarray(0, 2), head.subarray(2))).toThrow(
			RangeError,
		);
	});
});
