import { AlgoError } from "../errors.ts";
import type { Driver } from "./driver.ts";
import { pagesOf } from "./pages.ts";

/** A directory of which some files are gone and others not (api-contract §5.8). */
export class PartlyDeleted extends AlgoError {
	/** Files that are gone. */
	readonly deleted: number;

	constructor(deleted: number, cause: unknown) {
		super(
			"INTERNAL",
			`the directory was deleted in part, ${deleted} files of it; try again`,
			{ cause },
		);
		this.deleted = deleted;
	}
}

/**
 * Deletes all that is in a folder, with the folders below it.
 * @returns how many files @throws PartlyDeleted
 */
export async function removeAll(
	driver: Driver,
	folder: string,
): Promise<number> {
	let deleted = 0;
	try {
		for await (const { files, folders } of pagesOf(driver, folder)) {
			for (const name of folders)
				deleted += await removeAll(driver, `${folder}/${name}`);
			await driver.delete(files.map(({ name }) => `${folder}/${name}`));
			deleted += files.length;
		}
		return deleted;
	} catch (error) {
		const before = error instanceof PartlyDeleted ? error.deleted : 0;
		throw new PartlyDeleted(deleted + before, error);
	}
}

/** @throws AlgoError CONFLICT if something is in it */
export async function demandEmpty(
	driver: Driver,
	folder: string,
): Promise<void> {
	const { files, folders } = await driver.list(folder, { limit: 1 });
	if (files.length + folders.length > 0)
		throw new AlgoError("CONFLICT", "directory is not empty");
}
