const STRING = String.raw`"(?:[^"\\\n]|\\.)*"|'[^'\n]*'`;
/** The lines from `[project]` to the next table. */
const TABLE = /^[ \t]*\[[ \t]*project[ \t]*\].*\n((?:(?![ \t]*\[).*\n?)*)/m;
const KEY = /^[ \t]*(?:dependencies|"dependencies")[ \t]*=/m;
const LIST = new RegExp(String.raw`^\s*\[((?:[^\]"'#]|${STRING}|#.*)*)\]`);

/**
 * `[project].dependencies` of a pyproject.toml, the one thing of it that is needed here. Read without a parser
 * of TOML: Node has none, and Python has one from 3.11 on only.
 * @throws Error if they are no list of strings
 */
export function projectDependencies(toml: string): string[] {
	const table = TABLE.exec(toml.replaceAll("\r\n", "\n"))?.[1] ?? "";
	const key = KEY.exec(table);
	if (!key) return [];
	const list = LIST.exec(table.slice(key.index + key[0].length))?.[1];
	if (list === undefined || /"""|'''/.test(list))
		throw new Error(
			'dependencies of [project] cannot be read; write them as a list of strings: dependencies = ["NAME>=1"]',
		);
	const texts = list.match(new RegExp(`#.*|${STRING}`, "g")) ?? [];
	return texts
		.filter((text) => !text.startsWith("#"))
		.map((text) =>
			text.startsWith("'") ? text.slice(1, -1) : (JSON.parse(text) as string),
		);
}
