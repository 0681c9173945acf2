export {
	ADMIN_RIGHTS,
	type Caller,
	FULL_RIGHTS,
	localCaller,
	type Rights,
} from "./accounts/caller.ts";
export { Keyring } from "./accounts/keyring.ts";
export { createKey, type Key, listKeys, revokeKey } from "./accounts/keys.ts";
export { mayBrowse, patternFault } from "./accounts/permissions.ts";
export type { Actor } from "./apply/actor.ts";
export type { LinesRequest } from "./apply/line-run.ts";
export type { Plan } from "./apply/plan.ts";
export type { ApplyRequest } from "./apply/request.ts";
export { newRequestId } from "./apply/request-id.ts";
export {
	asksForKeys,
	type Config,
	fallbackOf,
	isLoopback,
	loadConfig,
	UsageError,
} from "./config/config.ts";
export { SETTINGS } from "./config/settings.ts";
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
export {
	AlgoError,
	clientGone,
	type ErrorCode,
	forbidden,
	inputTooLarge,
	noKey,
	unknownKey,
} from "./errors.ts";
export { type CallEvent, Events, type KillCause } from "./events.ts";
export { install } from "./install/install.ts";
export { gunzip } from "./items/gunzip.ts";
export {
	JOB_FORMATS,
	JOB_STATUSES,
	type JobFilter,
	type JobFormat,
	type JobListener,
	type JobOptions,
	type JobStatus,
	type JobView,
} from "./jobs/job.ts";
export type { Jobs } from "./jobs/jobs.ts";
export { readListenersFile } from "./listeners/declared/file.ts";
export type { ListenerView } from "./listeners/listener.ts";
export type { Listeners } from "./listeners/listeners.ts";
export type { EventListeners } from "./listeners/made/event-listeners.ts";
export { createLogger, type Logger, logEvents } from "./logger.ts";
export { Metrics } from "./metrics/metrics.ts";
export { InputKind, Want } from "./protocol/frames.js";
export { outdatedPackages } from "./registry/dependencies.ts";
export {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
	versionFault,
} from "./registry/names.ts";
export { noRef, type Ref, readRef } from "./registry/ref.ts";
export type { Stray, Version } from "./registry/version.ts";
export type { Outcome } from "./runners/outcome.ts";
export type { ItemOutcomes } from "./runners/slice.ts";
export { Store } from "./store/store.ts";
