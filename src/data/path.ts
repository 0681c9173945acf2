import { AlgoError } from "../errors.ts";
import { pathNotFound } from "./not-found.ts";

/** What a data URI, or a path with `data://` left out, points to. */
export interface DataPath {
	/** `data`, `s3`, `s3+LABEL`, … */
	connector: string;
	/** The names between the slashes. */
	names: string[];
}

const CONNECTOR = /^(?:azureblob|data|dropbox|gs|s3)(?:\+[a-zA-Z0-9]+)?$/;
/** A slash at the end means the same as none: a bare `s3:` is what is left of `s3://`. */
const URI = /^([\w+.-]+):(?:\/+(.*))?$/s;

/**
 * @param text decoded: `data://.my/photos/a.png`, `.my/photos/a.png`, `s3+lab://bucket/key`
 * @throws AlgoError BAD_REQUEST naming the part that cannot be, PATH_NOT_FOUND for an unknown connector
 */
export function parsePath(text: string): DataPath {
	const [, connector, path = ""] = URI.exec(text) ?? [undefined, "data", text];
	return {
		connector: checkConnector(connector ?? "data"),
		names: namesOf(path),
	};
}

/** @throws AlgoError PATH_NOT_FOUND if no connector can be called so (api-contract §5.1) */
function checkConnector(id: string): string {
	if (CONNECTOR.test(id)) return id;
	throw pathNotFound();
}

/** @throws AlgoError BAD_REQUEST */
function namesOf(path: string): string[] {
	const trimmed = path.replace(/^\/+|\/+$/g, "");
	if (trimmed === "") return [];
	const names = trimmed.split("/");
	for (const name of names) {
		const fault = faultOf(name);
		if (fault)
			throw new AlgoError(
				"BAD_REQUEST",
				`the data path '${shown(trimmed)}' ${fault}`,
			);
	}
	return names;
}

function faultOf(name: string): string | undefined {
	if (name === "") return "has an empty name between two slashes";
	if (name === "." || name === "..")
		return `has a name '${name}'; write the path without it`;
	if (/\p{Cc}/u.test(name)) return "has a control character in a name";
	if (!name.isWellFormed()) return "is no valid Unicode";
	return undefined;
}

const shown = (path: string): string =>
	path.slice(0, 200).replace(/\p{Cc}/gu, "?");
