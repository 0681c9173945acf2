import type { S3ServiceException } from "@aws-sdk/client-s3";
import { AlgoError } from "../../../errors.ts";
import { rangeNotSatisfiable } from "../../byte-range.ts";

const statusOf = (error: unknown): number | undefined =>
	(error as S3ServiceException | undefined)?.$metadata?.httpStatusCode;

export const isMissing = (error: unknown): boolean => statusOf(error) === 404;

export const isChanged = (error: unknown): boolean => statusOf(error) === 412;

/** What the store's refusal means; any other error as it is. */
export function faultOf(error: unknown): unknown {
	if (error instanceof AlgoError) return error;
	if ((error as Error).name === "NoSuchBucket")
		return new AlgoError("PATH_NOT_FOUND", "the bucket is not there", {
			cause: error,
		});
	switch (statusOf(error)) {
		case 403:
			return new AlgoError(
				"FORBIDDEN",
				`the data store refused: ${(error as Error).message}; check its credentials and what they allow`,
				{ cause: error },
			);
		case 409:
		case 412:
			return new AlgoError("CONFLICT", "already exists", { cause: error });
		case 416:
			return rangeNotSatisfiable();
		case 507:
			return new AlgoError("STORAGE_FULL", "the data store is full", {
				cause: error,
			});
		default:
			return error;
	}
}
