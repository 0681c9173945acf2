// The main thread of a worker process: it starts, watches and ends workers, and runs no author code.
import { once } from "node:events";
import { readdirSync, rm } from "node:fs";
import { connect } from "node:net";
import { Piscina } from "piscina";
import { FrameReader } from "../../protocol/frame-reader.js";
import { jsonFrame, Kind, PROTOCOL } from "../../protocol/frames.js";
import { outcomesFrame } from "../../protocol/slice-frames.js";
import { openApiPort } from "./api-port.js";
import { CallStarts } from "./call-starts.js";
import { collectEagerly, MemoryWatch } from "./memory-watch.js";
import { Outbox } from "./outbox.js";
import { countProcesses, endLeftProcesses } from "./processes.js";
import { Turn } from "./turn.js";

const {
	APPLYD_SOCKET: socketPath = "",
	APPLYD_TOKEN: token = "",
	APPLYD_MEMORY_MB: memoryMb = "",
	APPLYD_TEMP: tempFolder,
	APPLYD_API_SOCKET: apiSocket,
	APPLYD_MAX_PROCESSES: maxProcesses,
} = process.env;
for (const name of Object.keys(process.env))
	if (name.startsWith("APPLYD_")) delete process.env[name]; // not the author's business

/** Counting a few takes 20 µs. */
const PROCESSES_POLL_MS = 50;
const MAX_WORKERS = 1024; // the server counts workers; this must only never be the bound

const pool = new Piscina({
	filename: new URL("./thread.js", import.meta.url).href,
	minThreads: 0,
	maxThreads: MAX_WORKERS,
	maxQueue: 0,
	atomics: "disabled",
	// V8 aborts the whole process at its own limit, so that one stays far above ours.
	resourceLimits: { maxOldGenerationSizeMb: 4 * Number(memoryMb) + 1024 },
});
pool.on("error", () => {}); // the promise of the lane's task tells the same

/** @typedef {import('../../protocol/messages.ts').Ended} Ended */

/** @type {Map<number, { turn: Turn, outbox: Outbox, abort: AbortController, temp: string | undefined }>} */
const lanes = new Map();

if (apiSocket) openApiPort(apiSocket);
// The namespace is all ours: what is more than that is a fork bomb, and ends with us.
if (maxProcesses)
	setInterval(() => {
		if (countProcesses() > Number(maxProcesses)) process.kill(0, "SIGKILL");
	}, PROCESSES_POLL_MS).unref();
const temp = tempFolder && {
	folder: tempFolder,
	standing: readdirSync(tempFolder),
	starts: CallStarts.allocate(MAX_WORKERS),
};
/** Places among the starts that no worker has. */
const freePlaces = Array.from({ length: MAX_WORKERS }, (_, place) => place);

const control = connect(socketPath);
control.on("connect", () => {
	control.write(
		jsonFrame(Kind.HELLO, {
			protocol: PROTOCOL,
			token,
			pid: process.pid,
			runtime: `node ${process.versions.node}`,
		}),
	);
});
control.on("error", () => {}); // 'close' follows
// The server is gone: so are we, with every process that the author's code has started in our group.
control.on("close", () => process.kill(0, "SIGKILL"));

const reader = new FrameReader();
control.on("data", (chunk) => {
	reader.push(chunk, (kind, payload) => {
		const message = JSON.parse(payload.toString());
		if (kind === Kind.OPEN) openLane(message);
		else if (kind === Kind.RECALL) recall(message);
		else if (kind === Kind.END) lanes.get(message.lane)?.abort.abort();
	});
});

/** @param {import('../../protocol/messages.ts').Open} open */
async function openLane(open) {
	const turnMemory = Turn.allocate();
	const outboxMemory = Outbox.allocate();
	const abort = new AbortController();
	const others = new Set(pool.threads);
	const place = freePlaces.shift() ?? 0;
	const task = pool.run(
		{
			socketPath,
			open,
			turnMemory,
			outboxMemory,
			temp: temp && { ...temp, place },
		},
		{ signal: abort.signal },
	);
	const thread = pool.threads.find((candidate) => !others.has(candidate));
	if (!thread) throw new Error("piscina started no thread");
	thread.once("online", collectEagerly);
	const exited = once(thread, "exit");
	const turn = new Turn(turnMemory);
	const outbox = new Outbox(outboxMemory);
	lanes.set(open.lane, { turn, outbox, abort, temp: open.load.env.TMPDIR });
	/** @type {Ended['cause']} */
	let cause = "ended";
	const watch = new MemoryWatch(thread, open.load.memoryMb, () => {
		cause = "memory";
		abort.abort();
	});
	const message = await task.then(
		() => "its lane was closed",
		(error) => String(error.message),
	);
	watch.stop();
	if (!abort.signal.aborted) cause = "exit";
	const [exitCode] = await exited;
	lanes.delete(open.lane);
	if (temp) {
		new CallStarts(temp.starts, place).end();
		const { TMPDIR: own = temp.folder } = open.load.env;
		if (own !== temp.folder)
			rm(own, { recursive: true, force: true }, () => {}); // goes with the process at the latest
	}
	freePlaces.unshift(place);
	sendRest(open.lane, outbox);
	send(Kind.ENDED, {
		lane: open.lane,
		cause,
		started: turn.started,
		exitCode,
		message,
	});
	if (maxProcesses) endProcesses();
}

/** Ends what the worker that has just gone has left; what breeds too fast for that ends with the whole process. */
function endProcesses() {
	const temps = [...lanes.values()].map(({ temp }) => temp);
	if (temps.includes(undefined)) return; // nobody could be told from another
	if (!endLeftProcesses(/** @type {string[]} */ (temps)))
		process.kill(0, "SIGKILL");
}

/** @param {import('../../protocol/messages.ts').Recall} recall */
function recall({ lane, last }) {
	const worker = lanes.get(lane);
	if (!worker) return;
	const started = worker.turn.recall(last);
	sendRest(lane, worker.outbox);
	send(Kind.RECALLED, { lane, started });
}

/**
 * @param {number} lane
 * @param {Outbox} outbox its worker's
 */
function sendRest(lane, outbox) {
	const rest = outbox.read();
	if (rest) control.write(outcomesFrame(rest, lane));
}

/**
 * @param {number} kind
 * @param {object} message
 */
function send(kind, message) {
	control.write(jsonFrame(kind, message));
}
