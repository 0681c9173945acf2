import type { Driver, Page } from "./driver.ts";

const PAGE = 1000;

/** All that lies directly in a folder. What has been given may be deleted before the next page is asked for. */
export async function* pagesOf(
	driver: Driver,
	folder: string,
): AsyncGenerator<Page> {
	let after: string | undefined;
	do {
		const page = await driver.list(folder, { after, limit: PAGE });
		yield page;
		after = page.last;
	} while (after !== undefined);
}
