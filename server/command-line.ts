import { readFile } from "node:fs/promises";
import { type ParseArgsConfig, parseArgs } from "node:util";
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
}

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
	options: Record<string, string | boolean | undefined>;
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
	for (const { flag, value } of Object.values(SETTINGS))
		known[flag] = { type: value === undefined ? "boolean" : "string" };
	for (const [name, { type }] of Object.entries(command.options ?? {}))
		known[name] = { type };
	const { values, positionals } = parse(args, known);
	if (values.help) return "help";
	const flags: Record<string, string> = {};
	for (const { flag } of Object.values(SETTINGS))
		if (values[flag] !== undefined) flags[flag] = String(values[flag]);
	const envFile = await readFile(".env", "utf8").catch(() => "");
	const options: CommandLine["options"] = {};
	for (const name of Object.keys(command.options ?? {}))
		options[name] = values[name] as string | boolean | undefined;
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
	for (const [flag, { value, help }] of Object.entries(command.options ?? {}))
		rows.push([`--${flag}${value ? ` ${value}` : ""}`, help]);
	for (const key of command.settings) {
		const setting = SETTINGS[key];
		const flag =
			"value" in setting && setting.value
				? `--${setting.flag} ${setting.value}`
				: `--${setting.flag} / --no-${setting.flag}`;
		rows.push([
			flag,
			`${setting.help} (${setting.variable}, default ${setting.fallbackText ?? fallbackOf(setting)})`,
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
