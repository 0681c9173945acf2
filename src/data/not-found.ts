import { AlgoError } from "../errors.ts";

/** The one text for what is not there or not to be known of (api-contract §5.3). */
export const pathNotFound = (): AlgoError =>
	new AlgoError("PATH_NOT_FOUND", "path not found");
