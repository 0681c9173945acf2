import type { Launch } from "../launch.ts";
import type { OwnFolder } from "./own-folder.ts";
import { type Mount, packagesAbove, readable } from "./view.ts";
import type { Inside, Walls } from "./walls.ts";

/** Where a process finds its own folders: shared memory is a file in the temporary one, and goes with what is there. */
const OWN_PLACES = ["/", "/dev", "/dev/shm", "/proc", "/tmp", "/var/tmp"];

/** @returns the arguments of bwrap(1) for each process of a version */
export function bubble(
	walls: Walls,
	launch: Launch,
	{ isIsolated }: Inside,
): (own: OwnFolder) => string[] {
	const has = (piece: "files" | "processes") => walls.up.has(piece);
	const spaces = [
		"--unshare-user",
		...(walls.deniesNamespaces ? ["--disable-userns"] : []),
		...(has("processes")
			? ["--unshare-pid", "--unshare-ipc", "--unshare-uts"]
			: []),
		...(isIsolated ? ["--unshare-net"] : []),
		"--cap-drop",
		"ALL",
		"--die-with-parent",
		"--json-status-fd",
		"3",
	];
	const place = ["--chdir", launch.folder, "--"];
	if (!has("files")) {
		const proc = has("processes") ? ["--proc", "/proc"] : [];
		return () => [...spaces, "--dev-bind", "/", "/", ...proc, ...place];
	}
	const shown = [
		...walls.mounts,
		...launch.reads.map(readable),
		...launch.modules.flatMap(packagesAbove),
	];
	const covers = walls.hidden.filter(({ target }) =>
		shown.some((mount) => `${target}/`.startsWith(`${mount.target}/`)),
	);
	const sealed = [
		...covers.filter(({ args }) => args[0] === "--tmpfs"),
		...(has("processes") ? [{ target: "/proc" }] : []),
		{ target: "/dev" },
		{ target: "/" },
	].flatMap(({ target }) => ["--remount-ro", target]);
	return (own) => [
		...spaces,
		...inOrder([
			...shown,
			...covers,
			readable(launch.folder),
			...ownPlaces(walls, own),
			readable(own.socket),
			...(isIsolated ? [readable(own.apiSocket)] : []),
		]),
		...sealed,
		...place,
	];
}

function ownPlaces(walls: Walls, own: OwnFolder): Mount[] {
	const isKept = walls.up.has("temp");
	const at = (target: string, ...args: string[]) => ({ target, args });
	return [
		at("/dev", "--dev", "/dev"),
		walls.up.has("processes")
			? at("/proc", "--proc", "/proc")
			: readable("/proc"),
		...(isKept
			? [
					at("/tmp", "--bind", own.temp, "/tmp"),
					at("/dev/shm", "--bind", own.temp, "/dev/shm"),
					at("/var/tmp", "--bind", own.home, "/var/tmp"),
				]
			: [at("/tmp", "--tmpfs", "/tmp"), at("/var/tmp", "--tmpfs", "/var/tmp")]),
	];
}

/** A folder before what lies in it; of two at one place the later. */
function inOrder(mounts: readonly Mount[]): string[] {
	const byTarget = new Map(mounts.map((mount) => [mount.target, mount]));
	return [...byTarget.keys()]
		.sort()
		.flatMap((target) => byTarget.get(target)?.args ?? []);
}

/** Whether a path is each process's own, so that nothing else can be there. */
export const isOwnPlace = (path: string): boolean => OWN_PLACES.includes(path);
