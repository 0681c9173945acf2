import { cpus } from "node:os";
import { resolve } from "node:path";
import { wantedPieces } from "./pieces.ts";
import {
	account,
	count,
	dataUrl,
	httpUrl,
	oneOf,
	paths,
	seconds,
	text,
	yesOrNo,
} from "./values.ts";

/** One setting: how it is written, what it may be, what it is otherwise. */
export interface Setting<T> {
	/** Absent for a secret: a command line can be read by others on the machine. */
	flag?: string;
	variable: string;
	/** What stands for the value in the help; absent for a switch. */
	value?: string;
	help: string;
	/** As it would be written; a function where it depends on the machine. */
	fallback: string | (() => string);
	/** The default in words, where it depends on the machine. */
	fallbackText?: string;
	/** @throws Error saying what is allowed */
	read(text: string): T;
}

const setting = <T>(definition: Setting<T>): Setting<T> => definition;

/** Every setting of the server, once: flags, variables, checks, `--help` and the README's table come from here. */
export const SETTINGS = {
	host: setting({
		flag: "host",
		variable: "APPLYD_HOST",
		value: "ADDRESS",
		fallback: "127.0.0.1",
		help: "address to listen on",
		read: text,
	}),
	port: setting({
		flag: "port",
		variable: "APPLYD_PORT",
		value: "PORT",
		fallback: "8080",
		help: "port to listen on; 0 takes a free one",
		read: count(0, 65_535),
	}),
	algorithms: setting({
		flag: "algorithms",
		variable: "APPLYD_ALGORITHMS",
		value: "FOLDERS",
		fallback: "algorithms",
		help: 'the root of OWNER/NAME/VERSION; several, separated by ":"',
		read: (value) => paths(text(value)),
	}),
	state: setting({
		flag: "state",
		variable: "APPLYD_STATE",
		value: "FOLDER",
		fallback: ".applyd",
		help: "the one folder the server writes to",
		read: (value) => resolve(text(value)),
	}),
	auth: setting({
		flag: "auth",
		variable: "APPLYD_AUTH",
		value: "MODE",
		fallback: "auto",
		help: "keys: callers need one; off: they do not; auto: off on a loopback address, else keys",
		read: oneOf("auto", "keys", "off"),
	}),
	account: setting({
		flag: "account",
		variable: "APPLYD_ACCOUNT",
		value: "NAME",
		fallback: "local",
		help: "who calls while auth is off, or with the root key; may do everything",
		read: account,
	}),
	rootKey: setting({
		variable: "APPLYD_ROOT_KEY",
		fallback: "",
		fallbackText: "none",
		help: "an admin key that exists without being created, for containers",
		read: (value) => value.trim() || undefined,
	}),
	maxWorkers: setting({
		flag: "max-workers",
		variable: "APPLYD_MAX_WORKERS",
		value: "N",
		fallback: () => String(cpus().length),
		fallbackText: "number of cores",
		help: "workers of one algorithm version, unless its manifest says",
		read: count(1, 1024),
	}),
	maxWorkersTotal: setting({
		flag: "max-workers-total",
		variable: "APPLYD_MAX_WORKERS_TOTAL",
		value: "N",
		fallback: () => String(4 * cpus().length),
		fallbackText: "4 × cores",
		help: "workers of all versions together; idle ones of others are given up first",
		read: count(1, 4096),
	}),
	idleSeconds: setting({
		flag: "idle-seconds",
		variable: "APPLYD_IDLE_SECONDS",
		value: "S",
		fallback: "300",
		help: "a version's last worker goes after this long without a call",
		read: seconds(1_000_000),
	}),
	isolation: setting({
		flag: "isolation",
		variable: "APPLYD_ISOLATION",
		value: "MODE",
		fallback: "thread",
		help: "thread: workers of a version share a child process; process: one each",
		read: oneOf("thread", "process"),
	}),
	containment: setting({
		flag: "containment",
		variable: "APPLYD_CONTAINMENT",
		value: "PIECES",
		fallback: "auto",
		help: "walls around author code, see docs/security.md: auto: all that this machine allows, but files only where callers need keys; all, or a list: these, or no start; off",
		read: wantedPieces,
	}),
	allowRead: setting({
		flag: "allow-read",
		variable: "APPLYD_ALLOW_READ",
		value: "PATHS",
		fallback: "",
		fallbackText: "none",
		help: 'what author code may read besides, models say; several, separated by ":"',
		read: paths,
	}),
	allowWrite: setting({
		flag: "allow-write",
		variable: "APPLYD_ALLOW_WRITE",
		value: "PATHS",
		fallback: "",
		fallbackText: "none",
		help: 'what author code may read and write besides; several, separated by ":"',
		read: paths,
	}),
	memoryMb: setting({
		flag: "memory-mb",
		variable: "APPLYD_MEMORY_MB",
		value: "MB",
		fallback: "1024",
		help: "memory of one worker, unless its manifest says",
		read: count(16, 1024 * 1024),
	}),
	maxQueue: setting({
		flag: "max-queue",
		variable: "APPLYD_MAX_QUEUE",
		value: "N",
		fallback: "1000",
		help: "calls waiting for one version; over it 429 with Retry-After",
		read: count(1),
	}),
	maxSessions: setting({
		flag: "max-sessions",
		variable: "APPLYD_MAX_SESSIONS",
		value: "N",
		fallback: "80",
		help: "calls one account may have open; over it 429",
		read: count(1),
	}),
	timeoutSeconds: setting({
		flag: "timeout-seconds",
		variable: "APPLYD_TIMEOUT_SECONDS",
		value: "S",
		fallback: "300",
		help: "when a call gives no timeout",
		read: seconds(86_400),
	}),
	maxTimeoutSeconds: setting({
		flag: "max-timeout-seconds",
		variable: "APPLYD_MAX_TIMEOUT_SECONDS",
		value: "S",
		fallback: "3000",
		help: "the longest timeout of a call; a longer one is cut to it",
		read: seconds(86_400),
	}),
	loadTimeoutSeconds: setting({
		flag: "load-timeout-seconds",
		variable: "APPLYD_LOAD_TIMEOUT_SECONDS",
		value: "S",
		fallback: "300",
		help: "of module and load()",
		read: seconds(86_400),
	}),
	maxInputBytes: setting({
		flag: "max-input-bytes",
		variable: "APPLYD_MAX_INPUT_BYTES",
		value: "BYTES",
		fallback: "10485760",
		help: "of a call's body",
		read: count(1, 512 * 2 ** 20),
	}),
	maxOutputBytes: setting({
		flag: "max-output-bytes",
		variable: "APPLYD_MAX_OUTPUT_BYTES",
		value: "BYTES",
		fallback: "10485760",
		help: "of a result as it is written",
		read: count(1, 512 * 2 ** 20),
	}),
	drainSeconds: setting({
		flag: "drain-seconds",
		variable: "APPLYD_DRAIN_SECONDS",
		value: "S",
		fallback: "30",
		help: "on SIGTERM or SIGINT running calls may take this long; a second signal ends at once",
		read: seconds(86_400),
	}),
	jobRetentionDays: setting({
		flag: "job-retention-days",
		variable: "APPLYD_JOB_RETENTION_DAYS",
		value: "DAYS",
		fallback: "30",
		help: "a finished job and its files are kept so long; 0 keeps them for ever",
		read: count(0, 36_500),
	}),
	dataUrl: setting({
		flag: "data-url",
		variable: "APPLYD_DATA_URL",
		value: "URL",
		fallback: "",
		fallbackText: "in the state folder",
		help: "s3://BUCKET/PREFIX keeps data:// there instead; credentials from the usual AWS_… variables",
		read: dataUrl,
	}),
	s3Endpoint: setting({
		flag: "s3-endpoint",
		variable: "APPLYD_S3_ENDPOINT",
		value: "URL",
		fallback: "",
		fallbackText: "AWS",
		help: "another S3-compatible server, for --data-url and connectors",
		read: httpUrl,
	}),
	listeners: setting({
		flag: "listeners",
		variable: "APPLYD_LISTENERS",
		value: "FILE",
		fallback: "",
		fallbackText: "none",
		help: "a JSON file of queue listeners; saved changes count without a restart",
		read: (value) => value || undefined,
	}),
	watch: setting({
		flag: "watch",
		variable: "APPLYD_WATCH",
		fallback: () => String(process.env.NODE_ENV !== "production"),
		fallbackText: "on unless NODE_ENV=production",
		help: "a saved file or a new folder counts from the next call",
		read: yesOrNo,
	}),
	logLevel: setting({
		flag: "log-level",
		variable: "APPLYD_LOG_LEVEL",
		value: "LEVEL",
		fallback: "info",
		help: "trace, debug, info, warn, error, fatal or silent",
		read: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent"),
	}),
};
