import type { Source } from "../../source.ts";

export async function openSource(..._: unknown[]): Promise<Source> {
	throw new Error("not built yet");
}
