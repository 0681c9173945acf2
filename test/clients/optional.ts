/** Where every client must be there. */
export const IN_CI = process.env.CI === "true";

/** What a test needs beyond npm. In CI it must be there; elsewhere the reason is printed why it is not. */
export async function optional<T>(
	what: string,
	get: () => Promise<T>,
): Promise<T | undefined> {
	try {
		return await get();
	} catch (error) {
		if (IN_CI) throw error;
		console.warn(`${what} is not tested: ${(error as Error).message}`);
		return undefined;
	}
}
