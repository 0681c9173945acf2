from contextlib import suppress
from datetime import datetime, timezone
from uuid import uuid4

import Algorithmia
from Algorithmia.errors import DataApiError

client = Algorithmia.client()
log = client.dir("data://.my/sentiment_log")


def apply(input):
    """Scores a text, or each of a list, and writes down what came of it."""
    result = client.algo("nlp/SentimentAnalysis/1.0.5").pipe(input).result
    write(input, result)
    return result


def write(input, result):
    """A file a call, named by its time: a client puts whole files, and cannot append to one."""
    if not log.exists():
        with suppress(DataApiError):  # another call was quicker
            log.create()
    at = datetime.now(timezone.utc)
    file = log.file(f"{at:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.json")
    file.putJson({"at": at.isoformat(), "input": input, "result": result})
