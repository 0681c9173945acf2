import type { Driver } from "./driver.ts";

/** A part of a driver: the keys below a folder, as if there were no others. To close it closes nothing. */
export function below(driver: Driver, folder: string): Driver {
	const inside = (name: string) => (name === "" ? folder : `${folder}/${name}`);
	return {
		put: (key, content, options) => driver.put(inside(key), content, options),
		get: (key, range) => driver.get(inside(key), range),
		head: (key) => driver.head(inside(key)),
		delete: (keys) => driver.delete(keys.map(inside)),
		list: (name, options) => driver.list(inside(name), options),
		close: () => {},
	};
}
