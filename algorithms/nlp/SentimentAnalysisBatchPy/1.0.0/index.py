import Algorithmia

client = Algorithmia.client()


def apply(input):
    """Scores each text of a list with a call of its own, one after the other."""
    scores = []
    for item in input:
        scores.append(client.algo("nlp/SentimentAnalysis/1.0.5").pipe(item).result)
    return scores
