import { AlgoError } from "../../errors.ts";

/** Somebody's way into a bucket of his own (api-contract §5.10). */
export interface Connection {
	account: string;
	protocol: "s3";
	/** "" for the one without. */
	label: string;
	/** Is meant by the protocol alone. */
	isDefault: boolean;
	/** Which `BUCKET/KEY` it may touch; `*` stands for anything. */
	path: string;
	isWriteable: boolean;
	credentials: Credentials;
}

export interface Credentials {
	accessKeyId: string;
	secretAccessKey: string;
	sessionToken?: string;
	region?: string;
}

/** `s3` or `s3+LABEL`, as in paths. */
export const idOf = ({ protocol, label }: Connection): string =>
	label === "" ? protocol : `${protocol}+${label}`;

/**
 * @param account whose it becomes
 * @param body of `POST /v1/users/{username}/connectors`
 * @throws AlgoError BAD_REQUEST naming the field, NOT_IMPLEMENTED
 */
export function readConnection(account: string, body: unknown): Connection {
	const fields = (body ?? {}) as Record<string, unknown>;
	const { protocol, label, path, writeable, is_default: isDefault } = fields;
	if (["dropbox", "azureblob", "gs"].includes(String(protocol)))
		throw notImplemented(String(protocol));
	if (protocol !== "s3")
		throw refused("protocol", protocol, "s3, the one that is implemented");
	if (
		label &&
		(typeof label !== "string" || !/^[a-zA-Z0-9]{1,64}$/.test(label))
	)
		throw refused("label", label, "at most 64 letters and digits");
	if (path && typeof path !== "string")
		throw refused("path", path, "BUCKET/KEY, with * for anything");
	return {
		account,
		protocol,
		label: label ? String(label) : "",
		isDefault: isDefault === true || !label,
		path: path ? String(path) : "*",
		isWriteable: writeable === true,
		credentials: readCredentials(fields.cred_type, fields.cred_data),
	};
}

export const notImplemented = (connector: string): AlgoError =>
	new AlgoError(
		"NOT_IMPLEMENTED",
		`the connector ${connector} is not implemented; data:// and s3:// are`,
	);

function readCredentials(type: unknown, data: unknown): Credentials {
	if (type !== undefined && type !== "iam")
		throw refused("cred_type", type, "iam, for s3");
	const fields = (typeof data === "string" ? parse(data) : data) as
		| Record<string, unknown>
		| null
		| undefined;
	const take = (name: string) => {
		const value = fields?.[name];
		return typeof value === "string" && value !== "" ? value : undefined;
	};
	const accessKeyId = take("access_key_id");
	const secretAccessKey = take("secret_access_key");
	const sessionToken = take("session_token");
	const region = take("region");
	if (accessKeyId === undefined || secretAccessKey === undefined)
		throw new AlgoError(
			"BAD_REQUEST",
			'cred_data must be {"access_key_id":…,"secret_access_key":…} and may have session_token and region',
		);
	return {
		accessKeyId,
		secretAccessKey,
		...(sessionToken !== undefined && { sessionToken }),
		...(region !== undefined && { region }),
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const refused = (field: string, value: unknown, allowed: string): AlgoError =>
	new AlgoError(
		"BAD_REQUEST",
		`${field} is ${JSON.stringify(value)}; it must be ${allowed}`,
	);
