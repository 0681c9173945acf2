export { type Caller, localCaller } from "./accounts/caller.ts";
export type { ApplyRequest } from "./apply/apply.ts";
export {
	type Config,
	fallbackOf,
	isLoopback,
	loadConfig,
	SETTINGS,
	UsageError,
} from "./config.ts";
export { type Acl, DEFAULT_ACL, readAcl, writeAcl } from "./data/acl.ts";
export {
	type Connection,
	idOf as connectorIdOf,
} from "./data/connectors/connection.ts";
export {
	type Data,
	type DirectoryPage,
	type FileInfo,
	MAX_PAGE,
	type OpenFile,
} from "./data/data.ts";
export type { ByteRange, Part } from "./data/driver.ts";
export { PartlyDeleted } from "./data/remove-all.ts";
export type { DataUser } from "./data/user.ts";
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
export type { Stray, Version } from "./registry/version.ts";
export type { Outcome } from "./runners/outcome.ts";
