import type { JobRow } from "../store/jobs.ts";
import { Presence } from "../store/presence.ts";
import { type JobHouse, jobOf, LEASE_MS, leaseOf } from "./house.ts";
import { JobRun } from "./job-run.ts";

/** How long it takes at most until a server notices what another one has changed. */
const ROUND_MS = 1000;
/** Rounds between two renewals of leases, and between two looks for servers that are gone. */
const ROUNDS_TO_RENEW = Math.floor(LEASE_MS / ROUND_MS / 3);
/** Others wait. */
const MAX_RUNS = 32;

/** Looks at the jobs that are on their way, once a second and when something has changed, and runs those that nobody runs. */
export class Rounds {
	readonly #house: JobHouse;
	readonly #stateFolder: string;
	readonly #runs = new Map<string, JobRun>();
	#presence: Presence | undefined;
	#timer: NodeJS.Timeout | undefined;
	#round: Promise<void> | undefined;
	#isWanted = false;
	#rounds = 0;
	#isOpen = false;
	#isInTrouble = false;

	constructor(house: JobHouse, stateFolder: string) {
		this.#house = house;
		this.#stateFolder = stateFolder;
	}

	/** The run of a job, if it is run here. */
	runOf(id: string): JobRun | undefined {
		return this.#runs.get(id);
	}

	start(): void {
		this.#isOpen = true;
		this.wake();
	}

	/** Makes a round now, or another one behind the one that is being made. */
	wake(): void {
		clearTimeout(this.#timer);
		this.#isWanted = true;
		if (!this.#isOpen || this.#round) return;
		this.#round = this.#goRound().finally(() => {
			this.#round = undefined;
			if (!this.#isOpen) return;
			if (this.#isWanted) this.wake();
			else this.#timer = setTimeout(() => this.wake(), ROUND_MS).unref();
		});
	}

	/**
	 * Leaves what runs to others, or to a later start.
	 * @param graceMs how long items that have begun may run
	 */
	async close(graceMs: number): Promise<void> {
		this.#isOpen = false;
		clearTimeout(this.#timer);
		await this.#round;
		await Promise.all(
			[...this.#runs.values()].map((run) => run.release(graceMs)),
		);
		const presence = this.#presence;
		this.#presence = undefined;
		if (!presence) return;
		await this.#house.store.leases
			.release(presence.owner)
			.catch(this.#house.onFault);
		await presence.close();
	}

	async #goRound(): Promise<void> {
		this.#isWanted = false;
		try {
			await this.#visit();
			this.#isInTrouble = false;
		} catch (error) {
			if (!this.#isInTrouble) this.#house.onFault(error);
			this.#isInTrouble = true;
		}
	}

	async #visit(): Promise<void> {
		const { jobs, leases } = this.#house.store;
		this.#presence ??= await Presence.announce(this.#stateFolder);
		const { owner } = this.#presence;
		if (this.#rounds % ROUNDS_TO_RENEW === 0) {
			await this.#presence.takeOver((gone) => leases.release(gone));
			if (this.#runs.size > 0) await leases.renew(leaseOf(owner));
		}
		this.#rounds++;
		const rows = await jobs.unfinished();
		const isThere = new Set(rows.map(({ id }) => id));
		for (const [id, run] of this.#runs)
			if (!isThere.has(id)) void run.release(0);
		await Promise.all(rows.map((row) => this.#look(row, owner)));
	}

	async #look(row: JobRow, owner: string): Promise<void> {
		const run = this.#runs.get(row.id);
		if (run) run.look(row);
		else if (this.#runs.size < MAX_RUNS) await this.#takeUp(row, owner);
	}

	async #takeUp(row: JobRow, owner: string): Promise<void> {
		const { jobs, shards } = this.#house.store;
		const now = Date.now();
		if (row.owner === null || (row.leaseUntil ?? 0) < now) {
			const claimed = await jobs.claim(row.id, leaseOf(owner), new Date(now));
			if (claimed) this.#run(claimed, owner, true);
		} else if (row.status === "running" && row.owner !== owner) {
			if (await shards.hasReady(row.id, now)) this.#run(row, owner, false);
		}
	}

	#run(row: JobRow, owner: string, isOwner: boolean): void {
		if (!this.#isOpen) return;
		const run = new JobRun({
			house: this.#house,
			job: jobOf(row, this.#house),
			owner,
			isOwner,
			onOver: () => {
				this.#runs.delete(row.id);
				this.wake();
			},
		});
		this.#runs.set(row.id, run);
		run.look(row);
	}
}
