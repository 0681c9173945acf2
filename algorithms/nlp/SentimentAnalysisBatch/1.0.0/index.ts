interface Context {
	algo(ref: string): { pipe(input: unknown): Promise<{ result: number }> };
}

/** Scores each text of a list with a call of its own, one after the other. */
export async function apply(
	texts: string[],
	{ algo }: Context,
): Promise<number[]> {
	const sentiment = algo("nlp/SentimentAnalysis/1.0.5");
	const scores: number[] = [];
	for (const text of texts) {
		const { result } = await sentiment.pipe(text);
		scores.push(result);
	}
	return scores;
}
