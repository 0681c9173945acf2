import { readFile } from "node:fs/promises";
import { type ParseArgsConfig, parseArgs, parseEnv } from "node:util";
import { closest } from "fastest-levenshtein";
import {
	type Config,
	fallbackOf,
	loadConfig,
	SETTINGS,
	UsageError,
} from "../src/index.ts";

/** One option of one command, beside the settings. */
export interface Option {
	type: "string" | "boolean";
	help: string;
	value?: string;
	/** May be given several times; its value is the list. */
	multiple?: boolean;
	/** What gives its value when the flag does not. */
	variable?: string;
	fallback?: string;
}

/** The settings that a flag gives; the others are for variables alone. */
const settings = Object.values(SETTINGS).flatMap(({ flag, value }) =>
	flag === undefined ? [] : [{ flag, value }],
);

/** What a command is told, and what its help says. */
export interface Command {
	/** One line for the list of commands. */
	summary: string;
	/** After `applyd NAME`. */
	arguments: string;
	options?: Record<string, Option>;
	/** Which of the settings matter to it; all of them are understood. */
	settings: (keyof Config)[];
	/** @returns the exit code */
	run(line: CommandLine): Promise<number>;
}

export interface CommandLine {
	positionals: string[];
	options: Record<string, string | boolean | string[] | undefined>;
	config: Config;
}

/**
 * @throws UsageError for an unknown flag, a flag without its value, a bad setting
 */
export async function parseCommandLine(
	command: Command,
	args: string[],
): Promise<CommandLine | "help"> {
	const known: NonNullable<ParseArgsConfig["options"]> = {
		help: { type: "boolean", short: "h" },
	};
	for (const { flag, value } of settings)
		known[flag] = { type: value === undefined ? "boolean" : "string" };
	for (const [name, { type, multiple = false }] of Object.entries(
		command.options ?? {},
	))
		known[name] = { type, multiple };
	const { values, positionals } = parse(args, known);
	if (values.help) return "help";
	const flags: Record<string, string> = {};
	for (const { flag } of settings)
		if (values[flag] !== undefined) flags[flag] = String(values[flag]);
	const envFile = await readFile(".env", "utf8").catch(() => "");
	const variables = { ...parseEnv(envFile), ...process.env };
	const options: CommandLine["options"] = {};
	for (const [name, option] of Object.entries(command.options ?? {})) {
		const { variable, fallback } = option;
		const otherwise = (variable && variables[variable]) || fallback;
		options[name] =
			(values[name] as CommandLine["options"][string]) ?? otherwise;
	}
	return {
		positionals,
		options,
		config: loadConfig(flags, process.env, envFile),
	};
}

function parse(
	args: string[],
	options: NonNullable<ParseArgsConfig["options"]>,
) {
	try {
		return parseArgs({
			args,
			options,
			allowPositionals: true,
			allowNegative: true,
		});
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const unknown =
			code === "ERR_PARSE_ARGS_UNKNOWN_OPTION"
				? /'(--?[^'\s]+)/.exec(message)?.[1]
				: undefined;
		if (unknown === undefined)
			throw new UsageError(message.split("\n")[0] ?? message);
		const near = closest(
			unknown.replace(/^--?(no-)?/, ""),
			Object.keys(options),
		);
		throw new UsageError(`unknown flag ${unknown}; did you mean --${near}?`);
	}
}

/** The text of `applyd NAME --help`. */
export function helpOf(name: string, command: Command): string {
	const rows: [string, string][] = [];
	for (const [flag, option] of Object.entries(command.options ?? {})) {
		const { value, help, variable, fallback } = option;
		const source = fallback ? `${variable}, default ${fallback}` : variable;
		rows.push([
			`--${flag}${value ? ` ${value}` : ""}`,
			variable ? `${help} (${source})` : help,
		]);
	}
	for (const key of command.settings) {
		const setting = SETTINGS[key];
		const { flag, value, variable, help } = setting;
		const fallback = setting.fallbackText ?? fallbackOf(setting);
		if (flag === undefined)
			rows.push([variable, `${help} (a variable only, default ${fallback})`]);
		else
			rows.push([
				value ? `--${flag} ${value}` : `--${flag} / --no-${flag}`,
				`${help} (${variable}, default ${fallback})`,
			]);
	}
	rows.push(["--help", "this text"]);
	const width = Math.max(...rows.map(([flag]) => flag.length));
	const lines = rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`);
	return [
		`applyd ${name}${command.arguments ? ` ${command.arguments}` : ""}`,
		"",
		`${command.summary}.`,
		"",
		...lines,
		"",
	].join("\n");
}
