// Of what type an option is: each reads a value, and throws an Error saying what is allowed.

export const text = (value: unknown): string => {
	if (typeof value === "string" && value !== "") return value;
	throw new Error("a text that is not empty");
};

export const oneOf =
	<const T extends string>(...allowed: T[]) =>
	(value: unknown): T => {
		const found = allowed.find((one) => one === value);
		if (found !== undefined) return found;
		throw new Error(`one of ${allowed.join(", ")}`);
	};

export const number = (value: unknown): number => {
	if (typeof value === "number") return value;
	throw new Error("a number");
};

export const orNull =
	<T>(read: (value: unknown) => T) =>
	(value: unknown): T | null => {
		if (value === null) return null;
		try {
			return read(value);
		} catch (error) {
			throw new Error(`${(error as Error).message}, or null`);
		}
	};

export const object = (value: unknown): Record<string, unknown> => {
	if (isObject(value)) return value;
	throw new Error("a JSON object");
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);
