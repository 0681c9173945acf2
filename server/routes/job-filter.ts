import {
	AlgoError,
	JOB_STATUSES,
	type JobFilter,
	noRef,
	readRef,
} from "../../src/index.ts";
import { last, type Query, readPage } from "../data-query.ts";

const DEFAULT_LIMIT = 100;

/** Which jobs are asked for (interface §5). @throws AlgoError BAD_REQUEST naming the parameter and what is allowed */
export function readJobFilter(query: Query): JobFilter {
	const { limit = DEFAULT_LIMIT, marker } = readPage(query);
	const status = last(query.status) || undefined;
	const algorithm = last(query.algorithm) || undefined;
	const ref = algorithm === undefined ? undefined : readRef(algorithm);
	if (algorithm !== undefined && ref === undefined)
		throw new AlgoError("BAD_REQUEST", `algorithm: ${noRef(algorithm)}`);
	return { status: statusOf(status), algorithm: ref, limit, marker };
}

function statusOf(text: string | undefined): JobFilter["status"] {
	const status = JOB_STATUSES.find((known) => known === text);
	if (status !== undefined || text === undefined) return status;
	throw new AlgoError(
		"BAD_REQUEST",
		`status is '${text.slice(0, 100)}'; it must be one of ${JOB_STATUSES.join(", ")}`,
	);
}
