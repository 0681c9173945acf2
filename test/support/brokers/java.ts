/** For a small broker that starts quickly. */
export const javaArgs = (
	jars: string,
	heapMb: number,
	...args: string[]
): string[] => [
	"-Xms32m",
	`-Xmx${heapMb}m`,
	"-XX:+UseSerialGC",
	"-XX:TieredStopAtLevel=1",
	"-cp",
	`${jars}/*`,
	...args,
];
