import type { Piece } from "../../config/pieces.ts";
import type { Launch } from "../launch.ts";
import type { OwnFolder } from "./own-folder.ts";
import { tryOut } from "./tools.ts";
import type { Walls } from "./walls.ts";
import { wrap } from "./wrap.ts";

const GET_BWRAP =
	"install bubblewrap, and let it make user namespaces (docs/security.md)";
const WAY_OUT: Record<Piece, string> = {
	files: GET_BWRAP,
	processes: GET_BWRAP,
	network: GET_BWRAP,
	privileges: "install util-linux",
	limits: "install util-linux",
	temp: "make room in the state folder",
};

/**
 * Starts Node inside the walls, as a worker process is started: first inside all of them, then piece by piece.
 * @param walls of the pieces that are wanted
 * @returns those that can be had, and why others cannot, with the way out
 */
export async function tryPieces(
	walls: Walls,
	own: OwnFolder,
): Promise<{ walls: Walls; missing: Map<Piece, string> }> {
	const missing = new Map<Piece, string>();
	if (walls.up.size === 0) return { walls, missing };
	const faultOf = (up: Iterable<Piece>, deniesNamespaces = false) =>
		start({ ...walls, up: new Set(up), deniesNamespaces }, own);
	if ((await faultOf(walls.up, true)) === undefined) return { walls, missing };
	for (const piece of walls.up) {
		if (piece === "privileges" && isInBubble(walls.up, missing)) continue;
		const fault = await faultOf([piece]);
		if (fault !== undefined) missing.set(piece, `${fault}; ${WAY_OUT[piece]}`);
	}
	const up = new Set([...walls.up].filter((piece) => !missing.has(piece)));
	const deniesNamespaces = (await faultOf(up, true)) === undefined;
	return { walls: { ...walls, up, deniesNamespaces }, missing };
}

/** There nothing has privileges anyway. */
const isInBubble = (
	up: ReadonlySet<Piece>,
	missing: ReadonlyMap<Piece, string>,
): boolean =>
	["files" as const, "processes" as const].some(
		(piece) => up.has(piece) && !missing.has(piece),
	);

/** @returns why it does not start */
function start(walls: Walls, own: OwnFolder): Promise<string | undefined> {
	const launch: Launch = {
		command: process.execPath,
		args: ["--version"],
		env: { PATH: process.env.PATH ?? "" },
		folder: own.temp,
		reads: [process.execPath],
		modules: [],
	};
	const isIsolated = walls.up.has("network");
	return tryOut(wrap(walls, launch, { isIsolated, workers: 1 })(own));
}
