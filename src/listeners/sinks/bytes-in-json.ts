import { isUtf8 } from "node:buffer";

/** Bytes as JSON can hold them. */
export interface Base64 {
	base64: string;
}

export const writeBytes = (bytes: Buffer): string | Base64 =>
	isUtf8(bytes) ? bytes.toString() : writeBase64(bytes);

/** @returns `undefined` if it is neither a text nor `{"base64"}` */
export function readBytes(value: unknown): Buffer | undefined {
	return typeof value === "string" ? Buffer.from(value) : readBase64(value);
}

/** Headers, with all bytes as `{"base64"}`; whole numbers that JSON's cannot hold become texts. */
export function writeValue(value: unknown): unknown {
	if (value instanceof Uint8Array) return writeBase64(value);
	if (typeof value === "bigint")
		return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
	return value instanceof Date ? value : mapped(value, writeValue);
}

/** The other way. */
export const readValue = (value: unknown): unknown =>
	readBase64(value) ?? mapped(value, readValue);

const writeBase64 = (bytes: Uint8Array): Base64 => ({
	base64: Buffer.from(bytes).toString("base64"),
});

function readBase64(value: unknown): Buffer | undefined {
	const text = (value as Partial<Base64> | null | undefined)?.base64;
	if (typeof text !== "string" || Object.keys(value as Base64).length !== 1)
		return undefined;
	const bytes = Buffer.from(text, "base64");
	return bytes.toString("base64") === text ? bytes : undefined;
}

function mapped(value: unknown, map: (member: unknown) => unknown): unknown {
	if (Array.isArray(value)) return value.map(map);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [name, map(member)]),
	);
}
