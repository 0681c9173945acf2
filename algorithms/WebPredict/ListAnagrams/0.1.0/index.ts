/** Words of the same letters stand together in the answer; one without its like is left out. */
export function apply(words: string[]): string[] {
	const groups = Map.groupBy(words, (word) => [...word].sort().join(""));
	return [...groups.values()].filter((group) => group.length > 1).flat();
}
