/**
 * Prints as JSON what the client made of each step, one after the other.
 * @param {Record<string, () => unknown>} steps
 */
export async function show(steps) {
	/** @type {Record<string, unknown>} */
	const seen = {};
	for (const [name, step] of Object.entries(steps)) {
		try {
			seen[name] = await step();
		} catch (thrown) {
			seen[name] = {
				thrown: thrown instanceof Error ? thrown.message : thrown,
			};
		}
	}
	process.stdout.write(JSON.stringify(seen));
}
