// The usual way off the main thread: Fastify and piscina, a task a call, bodies parsed in the server.
import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { listen } from "./listen.mjs";

const workers = availableParallelism();
const pool = new Piscina({
	filename: new URL(
		"../algorithms/bench/Shout/1.0.0/index.mjs",
		import.meta.url,
	).href,
	name: "apply",
	minThreads: workers,
	maxThreads: workers,
});
await listen((input) => pool.run(input));
