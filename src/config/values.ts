import { resolve } from "node:path";
import { MAX_OWNER_LENGTH, nameFault } from "../registry/names.ts";

// What a setting may be: each reads a text, and throws an Error saying what is allowed.

export const count =
	(minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
	(text: string): number => {
		const number = Number(text);
		if (/^\d+$/.test(text) && number >= minimum && number <= maximum)
			return number;
		throw new Error(
			maximum === Number.MAX_SAFE_INTEGER
				? `a whole number, at least ${minimum}`
				: `a whole number from ${minimum} to ${maximum}`,
		);
	};

export const seconds =
	(maximum: number) =>
	(text: string): number => {
		const number = Number(text);
		if (text.trim() !== "" && number > 0 && number <= maximum) return number;
		throw new Error(`a number of seconds above 0, at most ${maximum}`);
	};

export const oneOf =
	<const T extends string>(...allowed: T[]) =>
	(text: string): T => {
		const found = allowed.find((value) => value === text);
		if (found !== undefined) return found;
		throw new Error(`one of ${allowed.join(", ")}`);
	};

export const yesOrNo = (text: string): boolean => {
	if (/^(true|1|yes|on)$/i.test(text)) return true;
	if (/^(false|0|no|off)$/i.test(text)) return false;
	throw new Error("true or false");
};

/** Where `data://` is kept when not in the state folder: `s3://bucket/prefix`. */
export interface DataUrl {
	bucket: string;
	/** Without slashes at its ends; "" for none. */
	prefix: string;
}

export const dataUrl = (text: string): DataUrl | undefined => {
	if (text === "") return undefined;
	const [, bucket, prefix = ""] =
		/^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? [];
	if (bucket !== undefined)
		return { bucket, prefix: prefix.replace(/^\/+|\/+$/g, "") };
	throw new Error(
		"s3://BUCKET or s3://BUCKET/PREFIX, the bucket in small letters, digits, '.' and '-'",
	);
};

export const httpUrl = (text: string): string | undefined => {
	if (text === "") return undefined;
	if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
	throw new Error("an http:// or https:// address");
};

export const text = (value: string): string => {
	if (value !== "") return value;
	throw new Error("not empty");
};

export const account = (name: string): string => {
	if (nameFault(name, MAX_OWNER_LENGTH) === undefined) return name;
	throw new Error(
		`a letter, then letters, digits and _, at most ${MAX_OWNER_LENGTH} characters`,
	);
};

/** Absolute ones. */
export const paths = (list: string): string[] =>
	list
		.split(":")
		.filter(Boolean)
		.map((path) => resolve(path));
