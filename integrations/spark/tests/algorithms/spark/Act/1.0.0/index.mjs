const ACTS = {
	throw: (reason) => {
		throw new Error(reason);
	},
	exit: (code) => process.exit(code),
	loop: () => {
		for (;;);
	},
	sleep: (seconds, input) =>
		new Promise((resolve) => setTimeout(resolve, seconds * 1000, input)),
	text: (length) => "x".repeat(length),
	nest: (depth) => {
		let nested = [];
		for (let level = 1; level < depth; level++) nested = [nested];
		return nested;
	},
};

/** Answers what it got, but for `{"do": ACT, "with": VALUE}`: then it does as told. */
export function apply(input) {
	const act = ACTS[input?.do];
	return act ? act(input.with, input) : input;
}
