/** The payloads of the JSON frames, by kind. README.md beside this file says when each is sent. */

/** HELLO, worker to server, the first frame of every connection. */
export interface Hello {
	protocol: number;
	/** Names the connection: the process's own for the control connection, a lane's for a lane. Good for one use. */
	token: string;
	pid: number;
	/** What runs the code, for people: `node 24.21.0`. */
	runtime: string;
}

/** OPEN, server to process: start a worker and let it connect. */
export interface Open {
	lane: number;
	token: string;
	load: Load;
}

/** What a worker needs to know of its version. */
export interface Load {
	/** `owner/name/version` */
	algorithm: string;
	/** Absolute path of the module. */
	entry: string;
	/** Absolute path of the version's folder. */
	folder: string;
	memoryMb: number;
	maxOutputBytes: number;
	/** How many items of a slice `applyBatch` gets at most. */
	maxBatchItems: number;
	/** Calls come in BATCH frames: the module must have `applyBatch`. */
	microBatch: boolean;
	inputSchema?: unknown;
	outputSchema?: unknown;
	/** Environment variables for the author's code. */
	env: Record<string, string>;
	/** The same while it loads: another with `fork`, where workers are copies of what has loaded. */
	loadEnv: Record<string, string>;
	/** Python: load it once in the process, and let its workers be copies of that. */
	fork: boolean;
	/** Whether what the author prints outside `stdout=true` is worth sending. */
	sendOutput: boolean;
}

/** RECALL, server to process: let this worker start no call up to `last` that it has not started. */
export interface Recall {
	lane: number;
	last: number;
}

/** RECALLED, process to server: the calls after `started`, up to the recall's `last`, will never start there. */
export interface Recalled {
	lane: number;
	/** The id of the last call that started. */
	started: number;
}

/** END, server to process: end this worker now. */
export interface End {
	lane: number;
}

/** ENDED, process to server: the worker is gone. */
export interface Ended {
	lane: number;
	/** `exit`: by itself; `memory`: it held too much; `ended`: as it was told. */
	cause: "ended" | "exit" | "memory";
	/** The id of the last call that started. */
	started: number;
	/** It has ended because it could not write to its lane: no item of its slice ran then. */
	hasLostLane?: boolean;
	exitCode?: number;
	message?: string;
}

/** READY, worker to server: module and `load()` are done. */
export interface Ready {
	loadMs: number;
	/** Whether the module has `applyBatch`: items of a slice start in groups. */
	isBatch: boolean;
}

/** FAILED, worker to server: it cannot serve. */
export interface Failed {
	message: string;
	stack?: string;
}

/** CANCEL, server to worker: nobody waits for this call any more. */
export interface Cancel {
	call: number;
}

/** OUTPUT, worker to server: what the author printed, per call where that can be known. */
export interface Output {
	requestId: string | null;
	text: string;
}

/** STRAY, worker to server: an exception outside any open call. The worker should not get new ones. */
export interface Stray {
	requestId: string | null;
	message: string;
	stack?: string;
}

/** ASK, worker to server: what code inside a call wants of the server. */
export type Ask = AskAlgorithm | AskData;

/** The body is the input. */
export interface AskAlgorithm {
	what: "algorithm";
	/** `OWNER/NAME[/VERSION]` */
	ref: string;
	/** One of InputKind. */
	inputKind: number;
	timeoutMs?: number;
}

/** The body is what to put or to append. */
export interface AskData {
	what: "data";
	verb: "get" | "put" | "append" | "list" | "exists" | "delete";
	/** A data URI, or what follows `data://`. */
	path: string;
	/** With `list`: where the page begins. */
	marker?: string;
}

/** ANSWER, server to worker. The body is the envelope of an algorithm's answer, or a file's content. */
export interface Answer {
	/** It was refused. */
	error?: { message: string; errorType?: string };
	/** What `list`, `exists` and `put` say. */
	value?: unknown;
}
