import type { Piece } from "../../config/pieces.ts";
import type { Tools } from "./tools.ts";
import type { Mount } from "./view.ts";

/** What the walls of one server are made of. */
export interface Walls {
	up: ReadonlySet<Piece>;
	tools: Tools;
	/** What all worker processes see. */
	mounts: readonly Mount[];
	/** Covers what is never to be seen, where something around it is. */
	hidden: readonly Mount[];
	/** Arguments of prlimit(1). */
	limits: readonly string[];
	/** Whether bwrap can forbid what is inside to make namespaces. */
	deniesNamespaces: boolean;
}

/** What one version needs of them. */
export interface Inside {
	isIsolated: boolean;
	/** The most workers that there may be in one process. */
	workers: number;
}
