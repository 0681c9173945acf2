// The rows' work without any server, and without keeping anything safe: read a line, parse, apply, write a line.
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { apply } from "../algorithms/bench/Shout/1.0.0/index.mjs";

const [, , input = "", output = ""] = process.argv;
const lines = createInterface({ input: createReadStream(input) });
const written = createWriteStream(output);
let index = 0;
for await (const line of lines) {
	const result = JSON.stringify(apply(JSON.parse(line)));
	const hasRoom = written.write(`{"index":${index++},"result":${result}}\n`);
	if (!hasRoom) await once(written, "drain");
}
await new Promise<void>((resolve) => {
	written.end(resolve);
});
