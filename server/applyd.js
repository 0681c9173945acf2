#!/usr/bin/env node
// The bin. In a checkout the TypeScript runs as it is; in the package and the image stands its compiled copy.
import { existsSync } from "node:fs";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
	process.stderr.write(
		`applyd needs Node 24 or newer, this is ${process.version}\n`,
	);
	process.exit(1);
}
const source = new URL("./main.ts", import.meta.url);
const compiled = new URL("../dist/server/main.js", import.meta.url);
const { main } = await import((existsSync(source) ? source : compiled).href);
await main(process.argv.slice(2), new URL("../package.json", import.meta.url));
