/** Where a broker is, as errors say it: without user and password. */
export function placeOf(url: string): string {
	const { host, pathname } = new URL(url);
	return pathname === "/" ? host : host + pathname;
}

/** @returns an error that says what did not work, why, and the way out where one is known */
export function refusal(what: string, error: unknown): Error {
	const { message, code = "" } = error as NodeJS.ErrnoException;
	const reason = message.replace(/^\w+: (?=[A-Z_]+ - )/, "");
	const wayOut = code in WAYS_OUT ? `; ${WAYS_OUT[code]}` : "";
	return new Error(`${what}: ${reason || code}${wayOut}`, { cause: error });
}

const WAYS_OUT: Record<string, string> = {
	ACCESS_REFUSED: "check the user and the password of the url, and what he may",
	NOT_ALLOWED: "check the virtual host, which is the path of the url",
	NOT_FOUND: "make it, or correct its name",
	RESOURCE_LOCKED: "let go of it where it is used exclusively",
	ECONNREFUSED: "check the host and the port of the url, and that it runs",
	ENOTFOUND: "check the host of the url",
};
