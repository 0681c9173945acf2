// What an option may be: each reads a value, and throws an Error saying what is allowed.

export const text =
	(maxLength = Number.POSITIVE_INFINITY) =>
	(value: unknown): string => {
		const isText = typeof value === "string" && value !== "";
		if (isText && value.length <= maxLength) return value;
		throw new Error(
			maxLength === Number.POSITIVE_INFINITY
				? "a text that is not empty"
				: `a text of 1 to ${maxLength} characters`,
		);
	};

export const oneOf =
	<const T extends string>(...allowed: T[]) =>
	(value: unknown): T => {
		const found = allowed.find((one) => one === value);
		if (found !== undefined) return found;
		throw new Error(`one of ${allowed.join(", ")}`);
	};

export const wholeNumber =
	(minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
	(value: unknown): number => {
		const number = Number.isSafeInteger(value) ? (value as number) : Number.NaN;
		if (number >= minimum && number <= maximum) return number;
		throw new Error(
			maximum === Number.MAX_SAFE_INTEGER
				? `a whole number, at least ${minimum}`
				: `a whole number from ${minimum} to ${maximum}`,
		);
	};

export const seconds = (value: unknown): number => {
	if (typeof value === "number" && value > 0) return value;
	throw new Error("a number of seconds above 0");
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
