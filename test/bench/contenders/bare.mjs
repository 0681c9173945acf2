// The baseline: a Fastify handler that runs `apply` itself, in the server's own thread.
import { apply } from "../algorithms/bench/Shout/1.0.0/index.mjs";
import { listen } from "./listen.mjs";

await listen(apply);
