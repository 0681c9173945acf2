// The same wrapper with the client that the original platform published: it finds address and key by itself.
const algorithmia = require("algorithmia");

const sentiment = algorithmia.client().algo("nlp/SentimentAnalysis/1.0.5");

exports.apply = async (texts) => {
	const scores = [];
	for (const text of texts) {
		const answer = await sentiment.pipe(text);
		scores.push(answer.get());
	}
	return scores;
};
