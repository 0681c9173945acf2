from textblob import TextBlob


class InputError(ValueError):
    error_type = "InputError"


def apply(input):
    """A text, `{"document": text}`, or a list of either: if it is a list, loop."""
    if isinstance(input, list):
        return [score(item) for item in input]
    return score(input)


def score(item):
    """From -1, nothing but scorn, to 1, nothing but praise; 0 for a text without a word of either."""
    text = item.get("document") if isinstance(item, dict) else item
    if not isinstance(text, str):
        raise InputError('input must be a text or {"document": text}')
    return TextBlob(text).sentiment.polarity
