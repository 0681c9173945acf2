import { AlgoError } from "../errors.ts";

/** A page's last entry as clients get it: `[A-Za-z0-9_-]` only, some put it into URLs as it is (api-contract §5.3). */
export const writeMarker = (last: string): string =>
	Buffer.from(last).toString("base64url");

/** @throws AlgoError BAD_REQUEST if it is none of ours */
export function readMarker(marker: string): string {
	const last = Buffer.from(marker, "base64url").toString();
	if (last !== "" && writeMarker(last) === marker) return last;
	throw new AlgoError(
		"BAD_REQUEST",
		`marker is '${marker.slice(0, 100)}'; it must be the marker of the page before`,
	);
}
