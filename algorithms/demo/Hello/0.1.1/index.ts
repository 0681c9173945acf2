export function apply(input: unknown): string {
	return `Hello ${input}`;
}
