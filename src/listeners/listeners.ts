import { isDeepStrictEqual } from "node:util";
import { type Caller, isOwner } from "../accounts/caller.ts";
import { Queues } from "../data/queues.ts";
import { AlgoError, forbidden } from "../errors.ts";
import type { ListenerTable } from "../store/listeners.ts";
import { ListenersFile } from "./declared/file.ts";
import type { ListenerHouse } from "./house.ts";
import { Listener, type ListenerView } from "./listener.ts";
import { EventListeners } from "./made/event-listeners.ts";
import type { ListenerOptions } from "./options.ts";

export interface ListenersOptions extends ListenerHouse {
	store: ListenerTable;
	/** The listeners file, if there is one. */
	file: string | undefined;
	/** Whose a listener of the file is that does not say. */
	account: string;
	maxTimeoutSeconds: number;
}

/**
 * All listeners. One belongs to the account that it calls as, and whoever is for operators sees all; to everybody else it
 * is not there. Every method with a name throws NOT_FOUND if the caller sees no such listener.
 */
export class Listeners {
	/** Those that accounts make over the API. */
	readonly eventListeners: EventListeners;
	readonly #options: ListenersOptions;
	readonly #file: ListenersFile | undefined;
	/** By name: those that are there, or will be when the one before them has ended. */
	readonly #wanted = new Map<string, ListenerOptions>();
	/** By name: those that are there, or are ending. */
	readonly #there = new Map<string, Listener>();
	readonly #changes = new Queues();
	readonly #redriving = new Queues();
	readonly #paused = new Set<string>();
	/** Names that are in the file. */
	#declared = new Set<string>();
	#isStarted = false;
	#isClosing = false;

	constructor(options: ListenersOptions) {
		const { file: path, account, maxTimeoutSeconds } = options;
		this.#options = options;
		this.eventListeners = new EventListeners({
			...options,
			become: (name, wanted) => this.#become(name, wanted),
			onFault: (error) => this.#fault(error),
		});
		this.#file =
			path === undefined
				? undefined
				: new ListenersFile({
						path,
						account,
						maxTimeoutSeconds,
						environment: process.env,
						onChange: (declared) => this.#declare(declared),
						onFault: (error) => this.#fault(error),
					});
	}

	/** Reads what is declared. @throws UsageError naming the file, the listener and the field */
	async open(): Promise<void> {
		for (const name of await this.#options.store.paused())
			this.#paused.add(name);
		this.#declare((await this.#file?.read()) ?? []);
		await this.eventListeners.open();
	}

	start(): void {
		this.#isStarted = true;
		for (const listener of this.#there.values()) listener.start();
		this.#file?.watch();
	}

	/** Those that are there, as they are now. */
	views(): Promise<ListenerView[]> {
		return Promise.all(this.#all.map((listener) => listener.view()));
	}

	/** By name. */
	list(caller: Caller): Promise<ListenerView[]> {
		return Promise.all(
			this.#all
				.filter(({ options }) => sees(caller, options.account))
				.map((listener) => listener.view()),
		);
	}

	async show(caller: Caller, name: string): Promise<ListenerView> {
		return this.#find(caller, name).view();
	}

	/** It takes no more messages, not even after a restart; those that run end. @throws AlgoError FORBIDDEN */
	async pause(caller: Caller, name: string): Promise<ListenerView> {
		const listener = this.#findOwn(caller, name);
		await this.#options.store.pause(name);
		this.#paused.add(name);
		listener.pause();
		return listener.view();
	}

	/** @throws AlgoError FORBIDDEN */
	async resume(caller: Caller, name: string): Promise<ListenerView> {
		const listener = this.#findOwn(caller, name);
		await this.#options.store.resume(name);
		this.#paused.delete(name);
		listener.resume();
		return listener.view();
	}

	/**
	 * Sends its dead letters back to its source.
	 * @returns how many
	 * @throws AlgoError FORBIDDEN, NOT_IMPLEMENTED, UNREACHABLE
	 */
	async redrive(caller: Caller, name: string): Promise<number> {
		const listener = this.#findOwn(caller, name);
		try {
			// Two at once would send the same letters.
			return await this.#redriving.run(name, () => listener.redrive());
		} catch (error) {
			if (error instanceof AlgoError) throw error;
			const { message } = error as Error;
			throw new AlgoError("UNREACHABLE", message, { cause: error });
		}
	}

	/** Takes no more messages. Resolves when all have ended; what runs may go on for so long. */
	async close(graceMs = 0): Promise<void> {
		this.#isClosing = true;
		this.#file?.close();
		const ending = [...this.#there.values()].map((it) => it.end(graceMs));
		await Promise.all(ending);
		this.#there.clear();
	}

	get #all(): Listener[] {
		return [...this.#there]
			.filter(([name]) => this.#wanted.has(name))
			.map(([, listener]) => listener)
			.sort((a, b) => (a.options.name < b.options.name ? -1 : 1));
	}

	/** What the file says now. */
	#declare(listeners: readonly ListenerOptions[]): void {
		const names = new Set(listeners.map(({ name }) => name));
		for (const name of this.#declared.difference(names))
			this.#become(name, undefined);
		for (const options of listeners) this.#become(options.name, options);
		this.#declared = names;
	}

	/**
	 * A listener of this name is to be as it says, or not to be. One that was there and is another now ends first: it takes
	 * nothing more, and what it runs ends.
	 */
	#become(name: string, options: ListenerOptions | undefined): void {
		if (options) this.#wanted.set(name, options);
		else this.#wanted.delete(name);
		const before = this.#there.get(name);
		// Without a predecessor it is there at once, so that whoever made it sees it.
		if (options && !before) this.#make(options);
		else
			this.#changes
				.run(name, () => this.#replace(name))
				.catch((error) => this.#fault(error));
	}

	/** Ends the one that is there, unless it is as wanted. */
	async #replace(name: string): Promise<void> {
		const before = this.#there.get(name);
		const isWanted = isDeepStrictEqual(before?.options, this.#wanted.get(name));
		if (!before || isWanted || this.#isClosing) return;
		await before.end(before.options.timeoutSeconds * 1000);
		if (this.#isClosing) return;
		this.#there.delete(name);
		const wanted = this.#wanted.get(name);
		if (!wanted) return;
		const { events } = this.#options;
		events.emit("listener", { listener: name, change: "reloaded" });
		this.#make(wanted);
	}

	#make(options: ListenerOptions): void {
		const { name } = options;
		const isPaused = this.#paused.has(name);
		const listener = new Listener(options, this.#options, isPaused);
		this.#there.set(name, listener);
		if (this.#isStarted && !this.#isClosing) listener.start();
	}

	#find(caller: Caller, name: string): Listener {
		const listener = this.#wanted.has(name) && this.#there.get(name);
		if (listener && sees(caller, listener.options.account)) return listener;
		throw new AlgoError(
			"NOT_FOUND",
			`listener ${name.slice(0, 100)} not found`,
		);
	}

	#findOwn(caller: Caller, name: string): Listener {
		const listener = this.#find(caller, name);
		const { manage, admin } = caller.rights;
		if (manage || admin) return listener;
		throw forbidden();
	}

	#fault(error: unknown): void {
		this.#options.events.emit("fault", { where: "listeners", error });
	}
}

const sees = (caller: Caller, account: string): boolean =>
	isOwner(caller, account) || caller.rights.admin;
