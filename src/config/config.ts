import { isIP } from "node:net";
import { parseEnv } from "node:util";
import { closest } from "fastest-levenshtein";
import { OWN_PIECES, PIECES, type Piece } from "./pieces.ts";
import { SETTINGS, type Setting } from "./settings.ts";

export type Config = {
	-readonly [K in keyof typeof SETTINGS]: ReturnType<
		(typeof SETTINGS)[K]["read"]
	>;
};

/** Variables of client commands and workers: known everywhere, so that they never stop a start. */
const OTHER_VARIABLES = ["APPLYD_SERVER", "APPLYD_KEY", "APPLYD_PYTHON"];

/** A flag, variable or value that cannot be: the command exits with 2. */
export class UsageError extends Error {}

export const fallbackOf = (definition: Setting<unknown>): string =>
	typeof definition.fallback === "function"
		? definition.fallback()
		: definition.fallback;

/**
 * Flag, then variable, then `.env`, then default.
 * @param flags by flag name, as written
 * @param environment the process's; an empty variable counts as absent
 * @param envFile the text of `.env`, if there is one
 * @throws UsageError naming the flag or variable, its value and what is allowed
 */
export function loadConfig(
	flags: Record<string, string>,
	environment: NodeJS.ProcessEnv,
	envFile = "",
): Config {
	const variables: NodeJS.ProcessEnv = { ...parseEnv(envFile), ...environment };
	const known = Object.values(SETTINGS).map(({ variable }) => variable);
	for (const name of Object.keys(variables)) {
		if (
			name.startsWith("APPLYD_") &&
			!known.includes(name) &&
			!OTHER_VARIABLES.includes(name)
		) {
			throw new UsageError(
				`unknown variable ${name}; did you mean ${closest(name, known)}?`,
			);
		}
	}
	const config: Record<string, unknown> = {};
	for (const [key, definition] of Object.entries(SETTINGS))
		config[key] = readSetting(definition, flags, variables);
	return config as Config;
}

function readSetting(
	definition: Setting<unknown>,
	flags: Record<string, string>,
	variables: NodeJS.ProcessEnv,
): unknown {
	const fromFlag =
		definition.flag === undefined ? undefined : flags[definition.flag];
	const fromVariable = variables[definition.variable] || undefined;
	const given = fromFlag ?? fromVariable ?? fallbackOf(definition);
	const name =
		fromFlag !== undefined ? `--${definition.flag}` : definition.variable;
	try {
		return definition.read(given);
	} catch (error) {
		throw new UsageError(
			`${name} is ${JSON.stringify(given)}; it must be ${(error as Error).message}`,
		);
	}
}

/** Whether callers need a key. */
export const asksForKeys = ({
	auth,
	host,
}: Pick<Config, "auth" | "host">): boolean =>
	auth === "keys" || (auth === "auto" && !isLoopback(host));

/** The pieces of containment that are wanted, and whether there is no start without them. */
export const wantedWalls = (
	config: Pick<Config, "auth" | "host" | "containment">,
): { pieces: readonly Piece[]; areRequired: boolean } =>
	config.containment === "auto"
		? { pieces: asksForKeys(config) ? PIECES : OWN_PIECES, areRequired: false }
		: { pieces: config.containment, areRequired: true };

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
	return (
		host === "localhost" ||
		(isIP(host) === 4 && host.startsWith("127.")) ||
		host === "::1"
	);
}
