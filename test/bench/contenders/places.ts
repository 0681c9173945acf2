import { resolve } from "node:path";

export const CONTENDERS = import.meta.dirname;
export const ALGORITHMS = resolve(CONTENDERS, "../algorithms");
export const REPOSITORY = resolve(CONTENDERS, "../../..");
export const BIN = resolve(REPOSITORY, "server/applyd.js");

/** Where applyd answers calls of the work that all share. */
export const SHOUT = "/v1/algo/bench/Shout/1.0.0";
export const OTHER_SHOUT = "/v1/algo/bench/Shout/1.0.1";
export const PYTHON_SHOUT = "/v1/algo/bench/PythonShout/1.0.0";
/** 5 ms a call; the second has micro-batching. */
export const COSTLY_SINGLE = "/v1/algo/bench/CostlyShout/1.0.0";
export const COSTLY_BATCHED = "/v1/algo/bench/CostlyShout/1.0.1";
export const LOOP = "/v1/algo/bench/Loop/1.0.0";

export const PYTHON_SHOUT_FOLDER = resolve(
	ALGORITHMS,
	"bench/PythonShout/1.0.0",
);
