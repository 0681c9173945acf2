/**
 * Imports a package that only some installations need.
 * @param load imports it; the name stands there as text, so that the compiler knows its types
 * @throws Error saying what to install
 */
export async function optionalImport<T>(
	what: string,
	name: string,
	load: () => Promise<T>,
): Promise<T> {
	try {
		return await load();
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes(`'${name}'`))
			throw error;
		throw new Error(
			`${what} needs the package ${name}, which is not installed; add it with: npm install ${name}`,
		);
	}
}
