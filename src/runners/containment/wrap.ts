import type { Piece } from "../../config/pieces.ts";
import type { Launch } from "../launch.ts";
import { bubble } from "./bubble.ts";
import { countsTasks, maxTasks } from "./limits.ts";
import type { OwnFolder } from "./own-folder.ts";
import type { Tools } from "./tools.ts";
import type { Inside, Walls } from "./walls.ts";

/** How a worker process is started that has this folder. */
export type LaunchIn = (own: OwnFolder) => Launch;

/**
 * More than `maxTasks` cost the process its life, whoever runs it; the kernel's own limit stands above that, for what
 * is too fast to be looked at.
 */
const NPROC_ABOVE = 2;

const HOME = "/var/tmp";

/**
 * Out of memory the kernel ends the process with the highest score, and 1000 makes it the first of all: a worker
 * and not the server.
 */
const FIRST_TO_GO = ["-n", "1000", "--"];

/** Each program sets up one thing and becomes the next, so that there is no process more than bwrap itself. */
export function wrap(walls: Walls, launch: Launch, inside: Inside): LaunchIn {
	const { up, tools } = walls;
	const isBubble = up.has("files") || up.has("processes") || inside.isIsolated;
	const bwrapArgs = isBubble ? bubble(walls, launch, inside) : () => [];
	const before =
		up.has("limits") && tools.choom ? [tools.choom, ...FIRST_TO_GO] : [];
	const around = isBubble
		? [tools.bwrap]
		: up.has("privileges")
			? withoutPrivileges(tools)
			: [];
	const within = [
		...(up.has("limits") ? limits(walls, inside, isBubble) : []),
		launch.command,
		...launch.args,
	];
	const inner: Launch["inner"] = up.has("processes") ? "namespace" : "process";
	return (own) => {
		const [command = "", ...args] = [
			...before,
			...around,
			...bwrapArgs(own),
			...within,
		];
		const { env, workersTemp } = temporary(up, own);
		return {
			...launch,
			command,
			args,
			env: {
				...launch.env,
				...env,
				...(up.has("processes") && {
					APPLYD_MAX_PROCESSES: String(maxTasks(inside.workers)),
				}),
				...(inside.isIsolated && { APPLYD_API_SOCKET: own.apiSocket }),
			},
			...(up.has("temp") && { workersTemp }),
			...(inside.isIsolated && { apiSocket: own.apiSocket }),
			...(isBubble && { inner }),
		};
	};
}

function withoutPrivileges({ setpriv }: Tools): string[] {
	const isRoot = process.getuid?.() === 0;
	const none = isRoot ? ["--bounding-set=-all", "--inh-caps=-all"] : [];
	return [setpriv, "--no-new-privs", ...none, "--"];
}

function limits(
	{ tools, limits }: Walls,
	{ workers }: Inside,
	isBubble: boolean,
): string[] {
	const most = NPROC_ABOVE * maxTasks(workers);
	const tasks = isBubble && countsTasks() ? [`--nproc=${most}`] : [];
	return [tools.prlimit, ...limits, ...tasks, "--"];
}

/** Where it finds its temporary folder and its home. */
function temporary(up: ReadonlySet<Piece>, own: OwnFolder) {
	const temp = up.has("files") ? "/tmp" : own.temp;
	return {
		env: {
			...(up.has("temp") && { TMPDIR: temp, APPLYD_TEMP: temp }),
			...(up.has("files") && { TMPDIR: temp, HOME }),
		},
		workersTemp: up.has("files") ? HOME : own.home,
	};
}
