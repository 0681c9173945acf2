import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Data } from "../../../../src/data/data.ts";
import { toFileName } from "../../../../src/data/drivers/fs/file-name.ts";
import type { Letter } from "../../../../src/listeners/letter.ts";
import { openDataSink } from "../../../../src/listeners/sinks/data.ts";
import { account } from "../../data/users.ts";

export const MOODS = "data://.my/moods";
export const caller = account("ada");

/** A state folder with the data of an account, `ada`, in it. */
export interface Place {
	state: string;
	data: Data;
	close(): Promise<void>;
}

export async function newPlace(): Promise<Place> {
	const state = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const data = await openData(state);
	return {
		state,
		data,
		close: async () => {
			data.close();
			await rm(state, { recursive: true, force: true });
		},
	};
}

export const openData = (stateFolder: string): Promise<Data> =>
	Data.open({
		stateFolder,
		url: undefined,
		s3Endpoint: undefined,
		onFault() {},
	});

export const openMoods = (data: Data, path = MOODS) =>
	openDataSink({ type: "data", path }, { name: "moods", data, caller });

export const letter = (id: string, result: unknown = 1): Letter => ({
	id,
	body: Buffer.from(JSON.stringify({ messageId: id, at: "now", result })),
	handedOn: { headers: {} },
});

export const ids = (count: number, prefix = "m"): string[] =>
	Array.from({ length: count }, (_, n) => `${prefix}${n}`);

export async function partNames(data: Data, path = MOODS): Promise<string[]> {
	const { files } = await data.list({ caller }, path);
	return files.map(({ name }) => name);
}

/** All parts, with their lines. */
export async function parts(data: Data, path = MOODS): Promise<string[][]> {
	const names = await partNames(data, path);
	return Promise.all(
		names.map(async (name) => {
			const found = await data.get({ caller }, `${path}/${name}`);
			const content = found ? await text(found.stream) : "";
			if (!content.endsWith("\n")) throw new Error(`${name} ends half-way`);
			return content.slice(0, -1).split("\n");
		}),
	);
}

/** The ids of all lines; each must be whole. */
export const storedIds = async (data: Data, path = MOODS): Promise<string[]> =>
	(await parts(data, path))
		.flat()
		.map((line) => (JSON.parse(line) as { messageId: string }).messageId);

/** As if a part of `ada`'s moods had been written some time ago. */
export async function age(state: string, name: string): Promise<void> {
	const long = new Date(Date.now() - 120_000);
	const file = join(state, "data/files/ada/moods", toFileName(name));
	await utimes(file, long, long);
}
