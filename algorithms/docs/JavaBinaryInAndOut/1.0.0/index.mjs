/** A Buffer comes in when the caller sends bytes, and bytes go back. */
export default function apply(input) {
	return Buffer.from(input);
}
