export function apply(input) {
	return input;
}
