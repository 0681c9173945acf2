import { randomBytes } from "node:crypto";

/** Milliseconds since 1970 fit until the year 5188. */
const TIME_DIGITS = 9;
let last = 0;

/** Sorts behind all ids that this process has made before. */
export function newJobId(): string {
	last = Math.max(Date.now(), last + 1);
	const time = last.toString(36).padStart(TIME_DIGITS, "0");
	return `${time}-${randomBytes(6).toString("hex")}`;
}

export const isJobId = (text: string): boolean =>
	/^[\da-z]{9}-[\da-f]{12}$/.test(text);
