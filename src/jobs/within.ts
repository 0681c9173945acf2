/** Waits for work, but not longer than that. */
export async function within(
	ms: number,
	work: Promise<unknown>,
): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const time = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, ms);
	});
	await Promise.race([work, time]);
	clearTimeout(timer);
}
