import { access, realpath } from "node:fs/promises";
import type { Piece } from "../../config/pieces.ts";
import { AlgoError } from "../../errors.ts";
import type { Launch } from "../launch.ts";
import { isOwnPlace } from "./bubble.ts";
import { commonLimits } from "./limits.ts";
import type { OwnFolders } from "./own-folder.ts";
import { findTools } from "./tools.ts";
import { tryPieces } from "./trial.ts";
import { covers, type Mount, readable, systemView, writable } from "./view.ts";
import type { Inside, Walls } from "./walls.ts";
import { type LaunchIn, wrap } from "./wrap.ts";

export interface ContainmentOptions {
	wanted: { pieces: readonly Piece[]; areRequired: boolean };
	allowRead: readonly string[];
	allowWrite: readonly string[];
	/** Never to be seen, even inside of what is: the state, the algorithms, the server's own secrets. */
	hidden: readonly string[];
	folders: OwnFolders;
}

/** The walls around worker processes: which this machine allows, and how a process is started inside them. */
export class Containment {
	/** Why pieces that are wanted are not up. */
	readonly missing: ReadonlyMap<Piece, string>;
	readonly #walls: Walls;

	private constructor(walls: Walls, missing: ReadonlyMap<Piece, string>) {
		this.#walls = walls;
		this.missing = missing;
	}

	/**
	 * Tries out what this machine allows.
	 * @throws Error: a piece that was asked for by name cannot be had, a path that is allowed is not there
	 */
	static async open(options: ContainmentOptions): Promise<Containment> {
		const { wanted, allowRead, allowWrite, folders } = options;
		await checkAllowed("--allow-read", allowRead);
		await checkAllowed("--allow-write", allowWrite);
		const [tools, limits, system, hidden] = await Promise.all([
			findTools(),
			commonLimits(),
			systemView(),
			realPaths(options.hidden).then(covers),
		]);
		const allowed = [...allowRead.map(readable), ...allowWrite.map(writable)];
		const own = folders.make();
		const tryWith = (mounts: readonly Mount[]) =>
			tryPieces(
				{
					...{ tools, limits, hidden },
					mounts: [...system, ...mounts],
					up: new Set(wanted.pieces),
					deniesNamespaces: true,
				},
				own,
			);
		try {
			const { walls, missing } = await tryWith(allowed);
			const fault = missing.get("files");
			// Else a path that cannot be shown would open all the others.
			if (fault !== undefined && allowed.length > 0) {
				const without = await tryWith([]);
				if (!without.missing.has("files"))
					throw new Error(
						`with --allow-read and --allow-write as they are no wall can be built: ${fault}`,
					);
			}
			if (wanted.areRequired)
				for (const [piece, reason] of missing)
					throw new Error(
						`containment: ${piece} cannot be had: ${reason}, or leave it out of --containment`,
					);
			return new Containment(walls, missing);
		} finally {
			folders.remove(own, undefined);
		}
	}

	/** The pieces that are up. */
	get up(): ReadonlySet<Piece> {
		return this.#walls.up;
	}

	/** Why a version that asks for an isolated network cannot run here, if so. */
	get isolationFault(): AlgoError | undefined {
		if (this.up.has("network")) return undefined;
		const reason =
			this.missing.get("network") ??
			"--containment leaves network out; add it, or start with --containment auto";
		return new AlgoError(
			"LOADING_FAILED",
			`algorithm.json: "network_access" is "isolated", and this server cannot isolate: ${reason}`,
		);
	}

	wrap(launch: Launch, inside: Inside): LaunchIn {
		return wrap(this.#walls, launch, inside);
	}
}

async function checkAllowed(flag: string, paths: readonly string[]) {
	for (const path of paths) {
		if (isOwnPlace(path))
			throw new Error(
				`${flag} names ${path}, of which each worker process has its own; name what lies below it`,
			);
		await access(path).catch(() => {
			throw new Error(`${flag} names ${path}, which is not there`);
		});
	}
}

/** Both: as they are written, and where they lead. */
async function realPaths(paths: readonly string[]): Promise<string[]> {
	const found = paths.map((path) => realpath(path).catch(() => path));
	return [...new Set([...paths, ...(await Promise.all(found))])];
}
