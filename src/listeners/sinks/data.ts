import type { Caller } from "../../accounts/caller.ts";
import type { Data } from "../../data/data.ts";
import type { DataSinkOptions } from "../options.ts";
import type { Sink } from "../sink.ts";

export async function openDataSink(
	_: DataSinkOptions,
	__: { name: string; data: Data; caller: Caller },
): Promise<Sink> {
	throw new Error("not built yet");
}
