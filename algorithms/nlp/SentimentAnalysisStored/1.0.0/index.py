"""Its manifest makes it private: it writes to whatever database its caller names."""

import sqlite3
from contextlib import closing

import Algorithmia

client = Algorithmia.client()

CREATE = "CREATE TABLE IF NOT EXISTS sentiment (id INTEGER PRIMARY KEY, text TEXT NOT NULL, score REAL NOT NULL)"
INSERT = "INSERT INTO sentiment (text, score) VALUES (?, ?)"


def apply(input):
    """Scores all texts in one call, stores them together or not at all, and answers the rows."""
    texts = input["texts"]
    scores = client.algo("nlp/SentimentAnalysis/1.0.5").pipe(texts).result
    path = input.get("database", ":memory:")
    with closing(open_database(path)) as database, database:  # a transaction
        return [store(database, *row) for row in zip(texts, scores)]


def open_database(path):
    """Several workers may write at once: each waits for the others, up to 30 seconds."""
    database = sqlite3.connect(path, timeout=30)
    database.execute(CREATE)
    return database


def store(database, text, score):
    row = database.execute(INSERT, (text, score))
    return {"id": row.lastrowid, "text": text, "score": score}
