import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
	UsageError,
	versionFault,
} from "../../src/index.ts";
import type { Command } from "../command-line.ts";
import { parseRef } from "../ref.ts";

const TEMPLATES: Record<string, { file: string; source: string }> = {
	typescript: {
		file: "index.ts",
		source:
			"/** Called once for each input; may be async. */\nexport function apply(input: unknown): unknown {\n  return { hello: input }\n}\n",
	},
	javascript: {
		file: "index.mjs",
		source:
			"/** Called once for each input; may be async. */\nexport function apply(input) {\n  return { hello: input }\n}\n",
	},
	python: {
		file: "index.py",
		source:
			'def apply(input):\n    """Called once for each input; may be async."""\n    return {"hello": input}\n',
	},
};
const LANGUAGES = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(
	Object.keys(TEMPLATES),
);

export const init: Command = {
	summary: "Makes a new algorithm from a template",
	arguments: "OWNER/NAME",
	options: {
		language: {
			type: "string",
			value: "LANGUAGE",
			help: `${LANGUAGES} (default typescript)`,
		},
		version: {
			type: "string",
			value: "X.Y.Z",
			help: "its version (default 0.1.0)",
		},
	},
	settings: ["algorithms"],
	async run({ positionals, options, config }) {
		const [text, ...rest] = positionals;
		if (text === undefined || rest.length > 0)
			throw new UsageError("init needs one name: applyd init OWNER/NAME");
		const { owner, name, selector } = parseRef(text);
		const version = String(options.version ?? selector ?? "0.1.0");
		const language = String(options.language ?? "typescript");
		const template = TEMPLATES[language];
		if (!template)
			throw new UsageError(
				`--language is ${language}; it must be ${LANGUAGES}`,
			);
		complain(owner, nameFault(owner, MAX_OWNER_LENGTH));
		complain(name, nameFault(name, MAX_NAME_LENGTH));
		complain(version, versionFault(version));
		const folder = join(
			config.algorithms[0] ?? "algorithms",
			owner,
			name,
			version,
		);
		await mkdir(dirname(folder), { recursive: true });
		await mkdir(folder).catch((error) => {
			throw error.code === "EEXIST"
				? new Error(`${relative(".", folder)} is there already`)
				: error;
		});
		const manifest = { summary: `Greets its input`, sampleInput: "world" };
		await writeFile(
			join(folder, "algorithm.json"),
			`${JSON.stringify(manifest, null, 2)}\n`,
		);
		await writeFile(join(folder, template.file), template.source);
		process.stdout.write(`${relative(".", join(folder, template.file))}\n`);
		process.stderr.write(
			`Edit it, then try it:\n  applyd run ${owner}/${name} '"world"'\n  curl -H 'Content-Type: application/json' -d '"world"' localhost:8080/v1/algo/${owner}/${name}/${version}\n`,
		);
		return 0;
	},
};

function complain(text: string, fault: string | undefined): void {
	if (fault) throw new UsageError(`${JSON.stringify(text)} ${fault}`);
}
