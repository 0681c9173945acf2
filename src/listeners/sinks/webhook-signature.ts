import { createHmac } from "node:crypto";

const PREFIX = "whsec_";
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/**
 * What is wrong with a webhook's secret (Standard Webhooks, «Signature scheme»). It is not repeated: it is one.
 * @returns `undefined` if nothing is
 */
export function secretFault(secret: string): string | undefined {
	const must = `secret must be ${PREFIX} and the base64 of ${MIN_BYTES} to ${MAX_BYTES} random bytes, as \`echo ${PREFIX}$(openssl rand -base64 32)\` makes it`;
	if (!secret.startsWith(PREFIX)) return `${must}; it does not begin so`;
	const bytes = keyOf(secret);
	if (bytes.toString("base64") !== secret.slice(PREFIX.length))
		return `${must}; what follows ${PREFIX} is no base64`;
	if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES)
		return `${must}; it has ${bytes.length} bytes`;
	return undefined;
}

/**
 * The headers that tell whose a letter is, and when it was sent. Signing 10 MB takes Node's HMAC 6 ms, and the published
 * library, whose SHA-256 is JavaScript, 66.
 */
export function signedHeaders(
	secret: string,
	{ id, body }: { id: string; body: Buffer },
	at: Date,
): Record<string, string> {
	const safeId = headerSafe(id);
	const seconds = Math.floor(at.getTime() / 1000);
	const signature = createHmac("sha256", keyOf(secret))
		.update(`${safeId}.${seconds}.`)
		.update(body)
		.digest("base64");
	return {
		"webhook-id": safeId,
		"webhook-timestamp": String(seconds),
		"webhook-signature": `v1,${signature}`,
	};
}

const keyOf = (secret: string): Buffer =>
	Buffer.from(secret.slice(PREFIX.length), "base64");

/**
 * Percent-encoded where a header cannot have it. Dots too: with a dot in the id, what was signed for one letter could
 * be given out as another one.
 */
const headerSafe = (id: string): string =>
	id
		.toWellFormed()
		.replace(/[^!-~]|[%.]/gu, (character) =>
			character === "." ? "%2E" : encodeURIComponent(character),
		);
