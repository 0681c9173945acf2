interface Context {
	algo(ref: string): { pipe(input: unknown): Promise<{ result: unknown }> };
	data: { append(path: string, content: string): Promise<string> };
}

/** Scores a text, or each of a list, and writes down what came of it, a line of JSON a call. */
export async function apply(
	input: unknown,
	context: Context,
): Promise<unknown> {
	const sentiment = context.algo("nlp/SentimentAnalysis/1.0.5");
	const { result } = await sentiment.pipe(input);
	const line = { at: new Date().toISOString(), input, result };
	await context.data.append(
		"data://.my/sentiment/log.ndjson",
		`${JSON.stringify(line)}\n`,
	);
	return result;
}
