export { type Caller, localCaller } from "./accounts/caller.ts";
export type { ApplyRequest } from "./apply/apply.ts";
export type { Actor } from "./apply/inside.ts";
export { newRequestId } from "./apply/request-id.ts";
export {
	type Config,
	fallbackOf,
	isLoopback,
	loadConfig,
	SETTINGS,
	UsageError,
} from "./config.ts";
export { Engine, type RunningCall } from "./engine.ts";
export { AlgoError, clientGone, type ErrorCode } from "./errors.ts";
export { type CallEvent, Events, type KillCause } from "./events.ts";
export { createLogger, type Logger, logEvents } from "./logger.ts";
export { Metrics } from "./metrics.ts";
export { InputKind, Want } from "./protocol/frames.js";
export {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
	versionFault,
} from "./registry/names.ts";
export { type Ref, readRef } from "./registry/ref.ts";
export type { Stray, Version } from "./registry/version.ts";
export type { Outcome } from "./runners/outcome.ts";
