import type { Sink } from "../../sink.ts";

export async function openSink(..._: unknown[]): Promise<Sink> {
	throw new Error("not built yet");
}
