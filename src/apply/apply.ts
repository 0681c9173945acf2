import { type Caller, isOwner, ownerOf } from "../accounts/caller.ts";
import { mayCall, maySudo } from "../accounts/permissions.ts";
import type { Data } from "../data/data.ts";
import { AlgoError, forbidden, parentOver, shuttingDown } from "../errors.ts";
import type { Events } from "../events.ts";
import { Admission } from "../limits/admission.ts";
import { Want } from "../protocol/frames.js";
import type { AskAlgorithm } from "../protocol/messages.ts";
import { readRef } from "../registry/ref.ts";
import { notFound, type Registry } from "../registry/registry.ts";
import type { Version } from "../registry/version.ts";
import { Call } from "../runners/call.ts";
import type { Outcome } from "../runners/outcome.ts";
import type { Runner } from "../runners/runner.ts";
import type { Runners } from "../runners/runners.ts";
import type { KeyHolder } from "../runners/worker-keys.ts";
import { type Actor, actorOf, Inside } from "./inside.ts";
import { newRequestId } from "./request-id.ts";

/** What a caller asks for. */
export interface ApplyRequest {
	owner: string;
	name: string;
	/** Version or selector; absent for the newest public version. */
	selector?: string | undefined;
	caller: Caller;
	/** The caller acts as the algorithm's owner; for operators (api-contract §3.2). */
	sudo?: boolean;
	requestId: string;
	/** One of InputKind: how the bytes become the input. */
	inputKind: number;
	/** Bits of Want, without SOURCE: that follows from who calls. */
	wants: number;
	body: Buffer;
	/** The call whose code makes this one; it counts against its tree and ends with it. */
	parent?: Call | undefined;
	/** Nobody waits for it: it counts in its parent's tree by its depth only, and does not end with it. */
	isDetached?: boolean;
	/** Bounds the whole wait, queue and loading included; absent for the version's own or the server's default. */
	timeoutMs?: number | undefined;
}

export interface ApplyOptions {
	registry: Registry;
	runners: Runners;
	data: Data;
	events: Events;
	maxSessions: number;
	maxQueue: number;
	maxWorkers: number;
	idleMs: number;
	isolation: "thread" | "process";
	memoryMb: number;
	maxInputBytes: number;
	maxOutputBytes: number;
	maxTimeoutMs: number;
	timeoutMs: number;
	loadTimeoutMs: number;
	sendOutput: boolean;
}

/**
 * The one way to run anything: resolves the version, admits the call, bounds it and hands it to the
 * version's runner.
 */
export class Apply {
	readonly #options: ApplyOptions;
	readonly #admission: Admission;
	readonly #runners = new Map<Version, Runner>();
	readonly #inside: Inside;
	#isClosing = false;

	constructor(options: ApplyOptions) {
		this.#options = options;
		this.#admission = new Admission(options.maxSessions);
		this.#inside = new Inside(
			(...ask) => this.#startInside(...ask),
			options.data,
		);
	}

	/** Calls open now. */
	get openCalls(): number {
		return this.#admission.total;
	}

	/**
	 * Starts a call. `onOutcome` is called exactly once, unless this throws.
	 * @throws AlgoError FORBIDDEN, NOT_FOUND, TOO_MANY_SESSIONS, QUEUE_FULL, SHUTTING_DOWN
	 */
	start(
		request: ApplyRequest,
		onOutcome: (outcome: Outcome, call: Call) => void,
	): Call {
		// What runs may finish, and needs its children for that; they end with it if it must end.
		if (this.#isClosing && !request.parent) throw shuttingDown();
		const { runners, maxQueue } = this.#options;
		const { version, caller, wants } = this.#admit(request);
		const runner = version.fault ? undefined : this.#runnerOf(version);
		if (runner && runner.waiting >= maxQueue) {
			throw new AlgoError(
				"QUEUE_FULL",
				`${version.ref} has ${runner.waiting} calls waiting, the limit is ${maxQueue}; try again later, or raise --max-queue`,
				{
					retryAfterSeconds: runner.retryAfterSeconds,
				},
			);
		}
		const { requestId, inputKind, body, parent } = request;
		if (parent) checkTree(parent);
		this.#admission.enter(caller.account);
		const call = new Call(
			{ requestId, caller, inputKind, wants, body, parent },
			this.#timeoutMs(request, version),
			(outcome, over) => {
				this.#admission.leave(caller.account);
				if (over.treeId !== undefined)
					this.#options.data.endTree(caller.account, over.treeId);
				this.#tell(version, over, outcome);
				onOutcome(outcome, over);
			},
		);
		if (!request.isDetached) call.join();
		if (runner) runner.submit(call);
		else if (version.fault) call.end(version.fault);
		runners.keepTime();
		return call;
	}

	/**
	 * As whom the holder of a worker's key acts now.
	 * @returns nothing if no worker has this key; a promise of nothing if it runs no call
	 */
	actorOfKey(key: string): Promise<Actor | undefined> | undefined {
		const holder = this.#options.runners.keys.holderOf(key);
		return holder && this.#actorOf(holder);
	}

	async #actorOf({ lane, algorithm }: KeyHolder): Promise<Actor | undefined> {
		if (lane.state === "starting") return actorOf(algorithm, undefined);
		const call = await lane.runningCall();
		return call && !call.isOver ? actorOf(algorithm, call) : undefined;
	}

	/** The folder's files have changed: running calls end on the old code, later ones get the new. */
	replaced(version: Version): void {
		const runner = this.#runners.get(version);
		if (!runner) return;
		this.#runners.delete(version);
		void this.#options.runners.retire(runner);
	}

	/** Starts the workers that manifests want to be there before the first call. */
	warm(): void {
		for (const version of this.#options.registry.versions) {
			if (!version.fault && (version.manifest.workers?.min ?? 0) > 0)
				this.#runnerOf(version).warm();
		}
	}

	/** Refuses new calls from now on. */
	stopAdmitting(): void {
		this.#isClosing = true;
	}

	/** The runners that exist, with the versions they run. */
	get active(): ReadonlyMap<Version, Runner> {
		return this.#runners;
	}

	/**
	 * Who calls what, and what of it he may see (api-contract §3.2, §3.3, §3.8 a): stack traces and what was
	 * printed are for the owner's eyes, as is a private version.
	 * @throws AlgoError FORBIDDEN, NOT_FOUND
	 */
	#admit(request: ApplyRequest): {
		version: Version;
		caller: Caller;
		wants: number;
	} {
		const { owner, name, selector, sudo = false } = request;
		const isAllowed = sudo
			? maySudo(request.caller)
			: mayCall(request.caller.rights, owner, name);
		if (!isAllowed) throw forbidden();
		const version = this.#options.registry.resolve(owner, name, selector);
		const caller = sudo ? ownerOf(version.owner) : request.caller;
		if (isOwner(caller, version.owner))
			return { version, caller, wants: request.wants | Want.SOURCE };
		if (version.visibility === "private") throw notFound(owner, name, selector);
		return { version, caller, wants: request.wants & ~Want.STDOUT };
	}

	#timeoutMs(request: ApplyRequest, { manifest }: Version): number {
		const { timeoutMs, maxTimeoutMs } = this.#options;
		const ownMs =
			manifest.timeoutSeconds === undefined
				? timeoutMs
				: manifest.timeoutSeconds * 1000;
		return Math.min(request.timeoutMs ?? ownMs, maxTimeoutMs);
	}

	#runnerOf(version: Version): Runner {
		const known = this.#runners.get(version);
		if (known) return known;
		const options = this.#options;
		const { manifest, entry, folder, ref } = version;
		const runner = options.runners.create({
			load: {
				algorithm: ref,
				entry,
				folder,
				memoryMb: manifest.memoryMb ?? options.memoryMb,
				maxOutputBytes: options.maxOutputBytes,
				sendOutput: options.sendOutput,
				env: {},
				...(manifest.input !== undefined && { inputSchema: manifest.input }),
				...(manifest.output !== undefined && { outputSchema: manifest.output }),
			},
			onAsk: (ask, call) => this.#inside.answer(actorOf(ref, call), ask),
			isolation: manifest.isolation ?? options.isolation,
			minWorkers: manifest.workers?.min ?? 0,
			maxWorkers:
				manifest.workers?.max ??
				Math.max(options.maxWorkers, manifest.workers?.min ?? 0),
			idleMs: options.idleMs,
			loadTimeoutMs:
				manifest.loadTimeoutSeconds === undefined
					? options.loadTimeoutMs
					: manifest.loadTimeoutSeconds * 1000,
		});
		this.#runners.set(version, runner);
		return runner;
	}

	async #startInside(
		{ caller, call }: Actor,
		{ ref, inputKind, timeoutMs }: AskAlgorithm,
		body: Buffer,
		onOutcome: (outcome: Outcome) => void,
	): Promise<void> {
		const { registry, maxInputBytes } = this.#options;
		const refuse = (message: string) => {
			throw new AlgoError("BAD_REQUEST", message);
		};
		if (!call)
			refuse("load() may read data and call no algorithm; call it in apply");
		const named = readRef(ref);
		if (!named)
			return refuse(
				`${JSON.stringify(ref)} names no algorithm; write OWNER/NAME or OWNER/NAME/VERSION`,
			);
		if (body.length > maxInputBytes)
			throw new AlgoError(
				"INPUT_TOO_LARGE",
				`the input is ${body.length} bytes, the limit is ${maxInputBytes} bytes`,
			);
		if (registry.isStale) await registry.refresh();
		const requestId = newRequestId();
		this.start(
			{
				...named,
				caller,
				parent: call,
				requestId,
				inputKind,
				wants: 0,
				body,
				timeoutMs,
			},
			onOutcome,
		);
	}

	#tell(version: Version, call: Call, outcome: Outcome): void {
		const failure =
			outcome.kind === "failed"
				? (outcome.error.errorType ?? outcome.error.code)
				: undefined;
		this.#options.events.emit("call", {
			algorithm: version.ref,
			requestId: call.requestId,
			account: call.caller.account,
			parentId: call.parent?.requestId,
			outcome:
				failure ??
				(outcome.kind === "result"
					? "ok"
					: outcome.kind === "error"
						? outcome.errorType
						: "BAD_REQUEST"),
			totalMs: performance.now() - call.createdAt,
			runMs: outcome.kind === "refused" ? 0 : outcome.runMs,
			bytesIn: call.body.length,
			bytesOut:
				outcome.kind === "result" || outcome.kind === "error"
					? outcome.body.length
					: 0,
		});
	}
}

/** A call may have so many calls below it open at once, beside each other or below each other (api-contract §3.13, §11.8). */
const MAX_BELOW = 24;

function checkTree(parent: Call): void {
	const refuse = (what: string) => {
		throw new AlgoError(
			"TOO_MANY_CHILDREN",
			`${what}; call fewer algorithms at the same time, or less deeply`,
		);
	};
	if (parent.isOver) throw parentOver();
	if (parent.depth + 1 > MAX_BELOW)
		refuse(`calls are ${parent.depth + 1} deep, the limit is ${MAX_BELOW}`);
	if (parent.root.openBelow >= MAX_BELOW)
		refuse(
			`the algorithm has ${parent.root.openBelow} calls to others open, the limit is ${MAX_BELOW}`,
		);
}
