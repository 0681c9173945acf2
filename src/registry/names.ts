/** Owners and algorithms (api-contract §3.1). */
export const NAME_PATTERN = /^[a-zA-Z][a-zA-Z0-9_]*$/;
export const MAX_OWNER_LENGTH = 30;
export const MAX_NAME_LENGTH = 100;
export const VERSION_PATTERN =
	/^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/** @returns what is wrong with the name, or `undefined` */
export function nameFault(name: string, maxLength: number): string | undefined {
	if (!NAME_PATTERN.test(name))
		return "is no name: a letter, then letters, digits and _";
	if (name.length > maxLength) return `is longer than ${maxLength} characters`;
	return undefined;
}

/** @returns what is wrong with the version, or `undefined` */
export function versionFault(version: string): string | undefined {
	return VERSION_PATTERN.test(version)
		? undefined
		: "is no version: three numbers x.y.z without leading zeros";
}
