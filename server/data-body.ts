import type { Readable } from "node:stream";
import { type Acl, AlgoError, DEFAULT_ACL, readAcl } from "../src/index.ts";

/** Of a body that says what to do, and is no file. */
const MAX_BYTES = 65_536;

/** @throws AlgoError BAD_REQUEST if it is too long */
export async function readText(body: Readable | undefined): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of body?.iterator({ destroyOnReturn: false }) ?? []) {
		bytes += chunk.length;
		if (bytes > MAX_BYTES)
			throw new AlgoError(
				"BAD_REQUEST",
				`the body has more than ${MAX_BYTES} bytes, the limit here; a file is stored with PUT`,
			);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString();
}

/**
 * What directory to create: `{"name":…,"acl":…}`, or the bare name (api-contract §5.6).
 * @throws AlgoError BAD_REQUEST
 */
export function readNewDirectory(text: string): { name: string; acl: Acl } {
	const bare = text.trim();
	if (!bare.startsWith("{") && !bare.startsWith('"'))
		return { name: checkName(bare), acl: DEFAULT_ACL };
	const body = parseJson(text);
	if (typeof body === "string")
		return { name: checkName(body), acl: DEFAULT_ACL };
	const { name, acl } = body as { name?: unknown; acl?: unknown };
	return { name: checkName(name), acl: acl ? readAcl(acl) : DEFAULT_ACL };
}

/** `{"acl":{"read":[…]}}` (api-contract §5.7). @throws AlgoError BAD_REQUEST */
export function readNewAcl(text: string): Acl {
	return readAcl((parseJson(text) as { acl?: unknown } | null)?.acl);
}

function checkName(name: unknown): string {
	if (typeof name === "string" && name !== "") return name;
	throw new AlgoError(
		"BAD_REQUEST",
		'name is missing; send {"name":"NAME"} with the directory to create',
	);
}

/** @throws AlgoError BAD_REQUEST */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new AlgoError(
			"BAD_REQUEST",
			`the body is no JSON: ${(error as Error).message}`,
		);
	}
}
