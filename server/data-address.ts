import { AlgoError } from "../src/index.ts";

const ADDRESS = /^\/v1\/(?:data|connector\/([^/]+))(?:\/(.*))?$/s;
/** `s3+label://` as Python and npm write it; its `+` is never a space. */
const LABELLED = /^([a-z0-9]+\+[a-zA-Z0-9]+:\/+)?(.*)$/s;

/**
 * The data path of a request's address, as it came: percent-encoding is undone once, and here only. Java and Scala
 * encode the whole path, with a space as `+` (api-contract §5.2).
 * @param url `/v1/data/PATH` or `/v1/connector/ID/PATH`
 * @returns a data URI, or a path of `data://`
 * @throws AlgoError BAD_REQUEST if it is no percent-encoded UTF-8
 */
export function dataPathOf(url: string): string {
	const [address = ""] = url.split("?", 1);
	const [, connector, path = ""] = ADDRESS.exec(address) ?? [];
	const [, label = "", rest = ""] = LABELLED.exec(path) ?? [];
	const spaced = /%2f/i.test(rest) ? rest.replaceAll("+", " ") : rest;
	const decoded = decode(label + spaced);
	return connector === undefined
		? decoded
		: `${decode(connector)}://${decoded}`;
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw new AlgoError(
			"BAD_REQUEST",
			`the data path '${text.slice(0, 200)}' is no percent-encoded UTF-8`,
		);
	}
}
