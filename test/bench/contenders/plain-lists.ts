// The lists' work without any server: parse, loop, stringify. Says the milliseconds of a list, or works on list after list.
import { readFileSync } from "node:fs";
import { apply } from "../algorithms/bench/Shout/1.0.0/index.mjs";

const [, , file = "", mode = "once"] = process.argv;
const bytes = readFileSync(file);

function work(): number {
	const startedAt = performance.now();
	const answer = JSON.stringify(apply(JSON.parse(bytes.toString())));
	const ms = performance.now() - startedAt;
	if (answer.length < bytes.length / 2) throw new Error("a short answer");
	return ms;
}

if (mode === "loop") {
	process.send?.("ready");
	process.on("disconnect", () => process.exit());
	setImmediate(function again() {
		work();
		setImmediate(again);
	});
} else {
	process.send?.("ready");
	process.on("message", (times: number) => {
		const all: number[] = [];
		for (let i = 0; i < times; i++) all.push(work());
		process.send?.(all);
	});
}
