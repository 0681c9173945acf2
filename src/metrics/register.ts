/** Adds a metric whose values are read when they are asked for. */
export type Register<T> = (
	name: string,
	help: string,
	labelNames: string[],
	read: (metric: T) => void,
) => void;
