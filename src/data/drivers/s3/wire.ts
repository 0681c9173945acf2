import type {
	GetObjectCommandOutput,
	HeadObjectCommandOutput,
} from "@aws-sdk/client-s3";
import type { ByteRange, ObjectInfo, Part } from "../../driver.ts";

export function rangeHeader(range: ByteRange): string {
	if ("suffixBytes" in range) return `bytes=-${range.suffixBytes}`;
	return `bytes=${range.firstByte}-${range.lastByte ?? ""}`;
}

export function infoOf(
	found: HeadObjectCommandOutput | GetObjectCommandOutput,
): ObjectInfo {
	return {
		bytes: found.ContentLength ?? 0,
		etag: found.Metadata?.md5 ?? found.ETag?.replaceAll('"', "") ?? "",
		modifiedMs: found.LastModified?.getTime() ?? 0,
	};
}

/** From `Content-Range`, which comes with a part: `bytes 2-5/10`. */
export function partFrom(found: GetObjectCommandOutput): {
	bytes: number;
	part: Part;
} {
	const sent = found.ContentLength ?? 0;
	const [, first, last, total] =
		/^bytes (\d+)-(\d+)\/(\d+)$/.exec(found.ContentRange ?? "") ?? [];
	if (total === undefined)
		return { bytes: sent, part: { firstByte: 0, lastByte: sent - 1 } };
	return {
		bytes: Number(total),
		part: { firstByte: Number(first), lastByte: Number(last) },
	};
}
