import type { Version } from "../registry/version.ts";
import type { Containment } from "../runners/containment/containment.ts";
import type { CrewOptions } from "../runners/crew-owner.ts";
import { launchOf } from "../runners/launch.ts";

/** What `applyBatch` gets at most, unless the manifest says. */
const MAX_BATCH_ITEMS = 256;

/** What holds for versions whose manifests say nothing. */
export interface CrewDefaults {
	maxWorkers: number;
	idleMs: number;
	isolation: "thread" | "process";
	memoryMb: number;
	maxOutputBytes: number;
	loadTimeoutMs: number;
	sendOutput: boolean;
}

/** The workers that a version is to have: as its manifest says, else as all. */
export function crewOptionsOf(
	{ manifest, entry, folder, ref, runtime }: Version,
	defaults: CrewDefaults,
	containment: Containment,
	onAsk: CrewOptions["onAsk"],
): CrewOptions {
	const isolation = manifest.isolation ?? defaults.isolation;
	// A Python worker is a process of its own anyway.
	const isShared =
		runtime.language === "node"
			? isolation === "thread"
			: (manifest.fork ?? false);
	const minWorkers = manifest.workers?.min ?? 0;
	const maxWorkers =
		manifest.workers?.max ?? Math.max(defaults.maxWorkers, minWorkers);
	return {
		load: {
			algorithm: ref,
			entry,
			folder,
			memoryMb: manifest.memoryMb ?? defaults.memoryMb,
			maxOutputBytes: defaults.maxOutputBytes,
			maxBatchItems: manifest.maxBatchItems ?? MAX_BATCH_ITEMS,
			microBatch: manifest.microBatch !== undefined,
			fork: manifest.fork ?? false,
			sendOutput: defaults.sendOutput,
			...(manifest.input !== undefined && { inputSchema: manifest.input }),
			...(manifest.output !== undefined && { outputSchema: manifest.output }),
		},
		onAsk,
		launch: launchOf(runtime, folder).then((launch) =>
			containment.wrap(launch, {
				isIsolated: manifest.network_access === "isolated",
				workers: isShared ? maxWorkers : 1,
			}),
		),
		isShared,
		minWorkers,
		maxWorkers,
		idleMs: defaults.idleMs,
		loadTimeoutMs:
			manifest.loadTimeoutSeconds === undefined
				? defaults.loadTimeoutMs
				: manifest.loadTimeoutSeconds * 1000,
	};
}
