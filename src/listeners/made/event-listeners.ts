import { randomUUID } from "node:crypto";
import { type Caller, isOwner } from "../../accounts/caller.ts";
import { UsageError } from "../../config/config.ts";
import { AlgoError, forbidden } from "../../errors.ts";
import { MAX_OWNER_LENGTH, nameFault } from "../../registry/names.ts";
import type { EventListenerRow, ListenerTable } from "../../store/listeners.ts";
import type { ListenerHouse } from "../house.ts";
import type { ListenerOptions } from "../options.ts";
import {
	type EventListener,
	type EventListenerFields,
	isSameServer,
	MASK,
	optionsOf,
	readEventListener,
} from "./event-listener.ts";

export interface EventListenersOptions
	extends Pick<ListenerHouse, "apply" | "refresh" | "callerOf"> {
	store: ListenerTable;
	maxTimeoutSeconds: number;
	/** A listener of this name is to be so, or not to be. */
	become(name: string, options: ListenerOptions | undefined): void;
	onFault(error: unknown): void;
}

/** What is kept as JSON. */
type Kept = EventListenerFields & { listenerOwner: string };

/**
 * The original platform's resource: listeners that accounts make for themselves over the API (api-contract §10.1). Each
 * method throws FORBIDDEN to whoever may not manage that account, those with an id NOT_FOUND if it has no such listener.
 */
export class EventListeners {
	readonly #options: EventListenersOptions;

	constructor(options: EventListenersOptions) {
		this.#options = options;
	}

	/** Takes up what was made before. */
	async open(): Promise<void> {
		const { store, become, onFault } = this.#options;
		for (const row of await store.all())
			try {
				become(row.id, runOptionsOf(row));
			} catch (error) {
				onFault(error);
			}
	}

	/** @param body as JSON @throws AlgoError BAD_REQUEST naming the field, NOT_FOUND for the algorithm */
	async add(
		caller: Caller,
		account: string,
		body: unknown,
	): Promise<EventListener> {
		demandManage(caller, account);
		const { fields, credentials } = this.#read(body);
		if (credentials === MASK)
			throw new AlgoError(
				"BAD_REQUEST",
				"credentials is the mask that stands for them in answers; give the credentials themselves",
			);
		const createdAt = new Date().toISOString();
		const row = { id: randomUUID(), account, createdAt };
		return this.#put(caller, row, fields, credentials);
	}

	/** @throws AlgoError as `add` */
	async replace(
		caller: Caller,
		account: string,
		id: string,
		body: unknown,
	): Promise<EventListener> {
		const row = await this.#find(caller, account, id);
		const { fields, credentials } = this.#read(body);
		if (credentials !== MASK)
			return this.#put(caller, row, fields, credentials);
		if (!isSameServer(keptIn(row), fields))
			throw new AlgoError(
				"BAD_REQUEST",
				"credentials is the mask, and sourceURI is on another server than before; give the credentials for that one",
			);
		return this.#put(caller, row, fields, row.credentials ?? undefined);
	}

	async show(
		caller: Caller,
		account: string,
		id: string,
	): Promise<EventListener> {
		return viewOf(await this.#find(caller, account, id));
	}

	/** @param after the last id of the page before @returns at most so many, in the order of their ids */
	async list(
		caller: Caller,
		account: string,
		{ after = "", limit }: { after?: string | undefined; limit: number },
	): Promise<EventListener[]> {
		demandManage(caller, account);
		const { store } = this.#options;
		const rows = await store.page(account.toLowerCase(), after, limit);
		return rows.map(viewOf);
	}

	async remove(caller: Caller, account: string, id: string): Promise<void> {
		const row = await this.#find(caller, account, id);
		await this.#options.store.remove(row.id);
		this.#options.become(row.id, undefined);
	}

	async #put(
		caller: Caller,
		{
			id,
			account,
			createdAt,
		}: Pick<EventListenerRow, "id" | "account" | "createdAt">,
		fields: EventListenerFields,
		credentials: string | undefined,
	): Promise<EventListener> {
		const { store, become } = this.#options;
		const listenerOwner = isSame(caller.account, account)
			? caller.account
			: account;
		const options = inAnswers(() =>
			optionsOf(id, listenerOwner, fields, credentials),
		);
		const { source } = options;
		if (source.type === "sqs" && !source.credentials && !isOperator(caller))
			throw new AlgoError(
				"BAD_REQUEST",
				"credentials is missing; give ACCESS_KEY_ID:SECRET_ACCESS_KEY: only operators may use the server's own",
			);
		await this.#demandAlgorithm(caller, listenerOwner, fields);
		const kept: Kept = { ...fields, listenerOwner };
		const row = {
			id,
			account: account.toLowerCase(),
			fields: JSON.stringify(kept),
			credentials: credentials ?? null,
			createdAt,
		};
		await store.put(row);
		become(id, options);
		return viewOf(row);
	}

	/** It is there for whoever the listener calls as; and nobody has called for him what he himself may not. */
	async #demandAlgorithm(
		caller: Caller,
		owner: string,
		{ algoOwner, algoName, algoVersion }: EventListenerFields,
	): Promise<void> {
		const { apply, refresh, callerOf } = this.#options;
		const ref = { owner: algoOwner, name: algoName, selector: algoVersion };
		await refresh();
		apply.find({ ...ref, caller: callerOf(owner) });
		if (!isOperator(caller)) apply.find({ ...ref, caller });
	}

	#read(body: unknown) {
		return inAnswers(() =>
			readEventListener(body, this.#options.maxTimeoutSeconds),
		);
	}

	async #find(
		caller: Caller,
		account: string,
		id: string,
	): Promise<EventListenerRow> {
		demandManage(caller, account);
		const { store } = this.#options;
		const row = await store.find(account.toLowerCase(), id.toLowerCase());
		if (row) return row;
		throw new AlgoError(
			"NOT_FOUND",
			`event listener ${id.slice(0, 100)} not found`,
		);
	}
}

/** @throws AlgoError FORBIDDEN */
function demandManage(caller: Caller, account: string): void {
	const { rights } = caller;
	const isOwn = isOwner(caller, account) && rights.manage;
	const isName = nameFault(account, MAX_OWNER_LENGTH) === undefined;
	if (!isName || !(isOwn || rights.admin)) throw forbidden();
}

const isOperator = ({ rights, ownsAll }: Caller): boolean =>
	rights.admin || ownsAll;

const isSame = (account: string, other: string): boolean =>
	account.toLowerCase() === other.toLowerCase();

/** What is wrong with a listener is wrong with the request. */
function inAnswers<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		throw new AlgoError("BAD_REQUEST", error.message);
	}
}

const keptIn = ({ fields }: EventListenerRow): Kept => JSON.parse(fields);

function viewOf(row: EventListenerRow): EventListener {
	return {
		id: row.id,
		...keptIn(row),
		...(row.credentials !== null && { credentials: MASK }),
	};
}

function runOptionsOf(row: EventListenerRow): ListenerOptions {
	const { listenerOwner, ...fields } = keptIn(row);
	return optionsOf(row.id, listenerOwner, fields, row.credentials ?? undefined);
}
