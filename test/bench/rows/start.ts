import { readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { spawnChild } from "../children.ts";
import { applydFlags } from "../contenders/contenders.ts";
import { REPOSITORY, SHOUT } from "../contenders/places.ts";
import { callOnce } from "../load/once.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";
import { temporaryFolder } from "../temporary.ts";

const BARE = resolve(import.meta.dirname, "../contenders/bare.mjs");

/** From `npm start` to the first answered call, worker included. */
export async function firstAnswer(
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const body = await readFile(bodyFile);
	const bareFolder = await temporaryFolder();
	await symlink(
		join(REPOSITORY, "node_modules"),
		join(bareFolder, "node_modules"),
	);
	await writeFile(
		join(bareFolder, "package.json"),
		JSON.stringify({ private: true, scripts: { start: `node ${BARE}` } }),
	);
	const oursMs: number[] = [];
	const bareMs: number[] = [];
	await start(bareFolder, [], body); // what is read from disk is in memory from here on
	await start(REPOSITORY, await applydFlags(), body);
	for (let i = 0; i < effort.times; i++) {
		oursMs.push(await start(REPOSITORY, await applydFlags(), body));
		bareMs.push(await start(bareFolder, [], body));
	}
	const ratios = oursMs.map((ms, i) => ms / (bareMs[i] as number));
	return [
		{
			name: "first-answer",
			what: "npm start to the first answer",
			ours: `${short(median(oursMs))} ms`,
			against: `bare ${short(median(bareMs))} ms`,
			value: median(ratios),
			unit: "×",
			target: { atMost: 2 },
			details: { ratios, oursMs, bareMs },
		},
	];
}

async function start(
	folder: string,
	flags: string[],
	body: Buffer,
): Promise<number> {
	const startedAt = performance.now();
	const child = spawnChild("npm", ["start", "--silent", "--", ...flags], {
		cwd: folder,
		// The Node that runs us, before whatever else is on the path.
		env: {
			PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
		},
		isGroup: true,
	});
	await callOnce((await child.listening()) + SHOUT, body);
	const ms = performance.now() - startedAt;
	await child.end();
	return ms;
}
