import { type Caller, isOwner, ownerOf } from "../accounts/caller.ts";
import { mayCall, maySudo } from "../accounts/permissions.ts";
import type { Data } from "../data/data.ts";
import { AlgoError, forbidden, shuttingDown } from "../errors.ts";
import type { Events } from "../events.ts";
import { Admission } from "../limits/admission.ts";
import { Want } from "../protocol/frames.js";
import { notFound, type Registry } from "../registry/registry.ts";
import type { Version } from "../registry/version.ts";
import { Call } from "../runners/call.ts";
import { MicroBatch } from "../runners/micro-batch.ts";
import type { Outcome } from "../runners/outcome.ts";
import type { Runner } from "../runners/runner.ts";
import type { Runners } from "../runners/runners.ts";
import type { ItemOutcomes } from "../runners/slice.ts";
import type { KeyHolder } from "../runners/worker-keys.ts";
import { type Actor, actorOf } from "./actor.ts";
import { callEvent } from "./call-event.ts";
import { type CrewDefaults, crewOptionsOf } from "./crew-options.ts";
import { Inside } from "./inside.ts";
import type { ItemRun } from "./item-run.ts";
import { runItems } from "./items-call.ts";
import type { ItemsRequest } from "./items-request.ts";
import { runList } from "./list-call.ts";
import { planOf } from "./plan.ts";
import type { ApplyRequest } from "./request.ts";
import { checkTree } from "./tree.ts";

export interface ApplyOptions extends CrewDefaults {
	registry: Registry;
	runners: Runners;
	data: Data;
	events: Events;
	maxSessions: number;
	maxQueue: number;
	maxInputBytes: number;
	maxTimeoutMs: number;
	timeoutMs: number;
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
		this.#inside = new Inside({
			...options,
			start: (request, onOutcome) => this.start(request, onOutcome),
		});
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
		const plan = planOf(request, version.manifest);
		const fault = this.#faultOf(version);
		const runner = fault ? undefined : this.#runnerOf(version);
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
				this.#endTree(over);
				this.#options.events.emit("call", callEvent(version, over, outcome));
				onOutcome(outcome, over);
			},
		);
		if (!request.isDetached) call.join();
		if (runner && plan === "native") runner.submit(call);
		else if (runner)
			runList(
				call,
				runner,
				this.#live(() => runner),
				{
					concurrency: plan === "serial" ? 1 : runner.maxWorkers,
					itemTimeoutMs: request.itemTimeoutMs ?? Number.POSITIVE_INFINITY,
					failsAtOnce: request.failsAtOnce ?? false,
					maxInputBytes: this.#options.maxInputBytes,
					maxOutputBytes: this.#options.maxOutputBytes,
					onOutcomes: (outcomes) => this.#tellItems(version, outcomes),
				},
			);
		else if (fault) call.end(fault);
		runners.keepTime();
		return call;
	}

	/**
	 * Runs items that are not the body of one call.
	 * @throws AlgoError FORBIDDEN, NOT_FOUND, TOO_MANY_SESSIONS, SHUTTING_DOWN
	 */
	items(request: ItemsRequest): ItemRun {
		if (this.#isClosing && !request.parent) throw shuttingDown();
		const { isBackground, parent } = request;
		const { version, caller } = this.#admit({ ...request, wants: 0 });
		const runnerNow = () => this.#runnerFor(request);
		const runner = runnerNow();
		if (parent) checkTree(parent);
		if (!isBackground) this.#admission.enter(caller.account);
		return runItems(request, {
			version,
			caller,
			ownMs: this.#timeoutMs({}, version),
			runner,
			// What goes on for days goes on with the code that is there; all else ends on the code that it began with.
			runnerOf: this.#live(isBackground ? runnerNow : () => runner),
			events: this.#options.events,
			onOutcomes: (outcomes) => this.#tellItems(version, outcomes),
			onOver: (call) => {
				if (!isBackground) this.#admission.leave(caller.account);
				this.#endTree(call);
			},
		});
	}

	/**
	 * The version that a caller means and may call.
	 * @throws AlgoError FORBIDDEN, NOT_FOUND
	 */
	find(
		request: Pick<ApplyRequest, "owner" | "name" | "selector" | "caller">,
	): Version {
		return this.#admit({ ...request, wants: 0 }).version;
	}

	/** How long a call of it may take whose caller wants so long. */
	timeoutMs(wantedMs: number | undefined, version: Version): number {
		return this.#timeoutMs({ timeoutMs: wantedMs }, version);
	}

	/**
	 * Whether several inputs are best given to it as a list: its manifest says so, or its module has `applyBatch`, of which
	 * nobody knows before a worker has loaded it.
	 */
	takesLists(version: Version): boolean | undefined {
		if (version.manifest.batch === "items") return true;
		return this.#runners.get(version)?.isBatch;
	}

	/** How many inputs of short calls may be run together where it takes no lists. */
	groupSize(version: Version, max: number): number {
		return this.#runners.get(version)?.groupSize(max) ?? 1;
	}

	#endTree({ treeId, caller }: Call): void {
		if (treeId !== undefined)
			this.#options.data.endTree(caller.account, treeId);
	}

	/** The clock runs as long as slices come. */
	#live(runnerOf: () => Runner): () => Runner {
		return () => {
			this.#options.runners.keepTime();
			return runnerOf();
		};
	}

	/** @throws AlgoError NOT_FOUND, LOADING_FAILED: the version is gone, or cannot be run */
	#runnerFor({ owner, name, selector }: ItemsRequest): Runner {
		const version = this.#options.registry.resolve(owner, name, selector);
		const fault = this.#faultOf(version);
		if (fault) throw fault;
		return this.#runnerOf(version);
	}

	#tellItems(version: Version, { count, failed }: ItemOutcomes): void {
		this.#options.events.emit("items", {
			algorithm: version.ref,
			succeeded: count - failed,
			failed,
		});
	}

	/**
	 * As whom the holder of a worker's key acts now.
	 * @returns nothing if no worker has this key; a promise of nothing if it runs no call
	 */
	actorOfKey(key: string): Promise<Actor | undefined> | undefined {
		const holder = this.#options.runners.keys.holderOf(key);
		return holder && this.#actorOf(holder);
	}

	async #actorOf(holder: KeyHolder): Promise<Actor | undefined> {
		const { lane, algorithm, isForLoad } = holder;
		if (lane.state === "starting") return actorOf(algorithm, undefined);
		if (isForLoad) return undefined;
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
			const fault = this.#faultOf(version);
			if (!fault && (version.manifest.workers?.min ?? 0) > 0)
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
	#admit(
		request: Pick<
			ApplyRequest,
			"owner" | "name" | "selector" | "sudo" | "caller" | "wants"
		>,
	): {
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

	/** Why it cannot run: as its folder is, or for want of the isolated network that it asks for. */
	#faultOf({ fault, manifest }: Version): AlgoError | undefined {
		if (fault || manifest.network_access !== "isolated") return fault;
		return this.#options.runners.containment.isolationFault;
	}

	#timeoutMs(
		request: Pick<ApplyRequest, "timeoutMs">,
		{ manifest }: Version,
	): number {
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
		const { runners } = this.#options;
		const { manifest, ref } = version;
		const crew = crewOptionsOf(
			version,
			this.#options,
			runners.containment,
			(ask, call) => this.#inside.answer(actorOf(ref, call), ask),
		);
		const microBatch = manifest.microBatch && new MicroBatch(manifest);
		const runner = runners.create(crew, microBatch);
		this.#runners.set(version, runner);
		return runner;
	}
}
