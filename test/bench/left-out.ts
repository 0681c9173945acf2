/** What cannot be measured here, since something that it needs is not there. */
export class LeftOut extends Error {}

/** @throws LeftOut instead of any other error */
export async function orLeftOut<T>(promise: Promise<T>): Promise<T> {
	try {
		return await promise;
	} catch (error) {
		throw new LeftOut(error instanceof Error ? error.message : String(error));
	}
}

/** Waits for it, and says so if it is left out. @returns nothing then */
export async function unlessLeftOut<T>(
	name: string,
	promise: Promise<T>,
): Promise<T | undefined> {
	try {
		return await promise;
	} catch (error) {
		if (!(error instanceof LeftOut)) throw error;
		process.stderr.write(`\nbench: ${name} is left out: ${error.message}\n`);
		return undefined;
	}
}
