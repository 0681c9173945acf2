import { AlgoError } from "../../../errors.ts";

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
	codes.includes((error as NodeJS.ErrnoException)?.code ?? "");

/** What a file system's refusal means to who stores something; any other error as it is. */
export function faultOf(error: unknown): unknown {
	if (hasCode(error, "ENOSPC", "EDQUOT", "EFBIG"))
		return new AlgoError(
			"STORAGE_FULL",
			"the data store is full: nothing was stored, and what was there before is unchanged; delete something, or give it more room",
			{ cause: error },
		);
	if (hasCode(error, "EEXIST"))
		return new AlgoError("CONFLICT", "already exists", { cause: error });
	return error;
}
