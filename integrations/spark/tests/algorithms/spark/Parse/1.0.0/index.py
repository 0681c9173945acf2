import json


def apply(input):
    """Answers what its input, a text, says in JSON."""
    return json.loads(input)
