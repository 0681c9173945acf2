import { closest } from "fastest-levenshtein";

// Whether what somebody wrote into a JSON file is as a table has it. A table and no schema for Ajv: that would be most of
// the server's start (65 of 200 ms) and 12 MB of its memory.

/** @returns what the value must be, if it is not that; `undefined` if it is */
export type Check = (value: unknown) => string | undefined;

export const must =
	(isFine: (value: unknown) => boolean, what: string): Check =>
	(value) =>
		isFine(value) ? undefined : what;

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

export const whole = (minimum: number, maximum: number): Check =>
	must(
		(value) =>
			Number.isInteger(value) &&
			(value as number) >= minimum &&
			(value as number) <= maximum,
		`a whole number from ${minimum} to ${maximum}`,
	);

export const oneOf = (...allowed: unknown[]): Check =>
	must((value) => allowed.includes(value), `one of ${allowed.join(", ")}`);

export const anything: Check = () => undefined;

export const text = must((value) => typeof value === "string", "a text");

export const object = must(isObject, "an object");

/** @returns what is wrong with the first member that is not as the table has it */
export function faultIn(
	value: Record<string, unknown>,
	keys: Record<string, Check>,
	prefix: string,
	shown = (_: string, member: unknown): string => JSON.stringify(member),
): string | undefined {
	for (const [key, member] of Object.entries(value)) {
		const check = Object.hasOwn(keys, key) ? keys[key] : undefined;
		const name = JSON.stringify(prefix + key);
		if (!check)
			return `unknown key ${name}; did you mean "${closest(key, Object.keys(keys))}"?`;
		const what = check(member);
		if (what !== undefined)
			return `${name} is ${shown(key, member)}; it must be ${what}`;
	}
	return undefined;
}
