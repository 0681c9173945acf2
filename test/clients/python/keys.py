"""Calls with one key and another."""

import os

import Algorithmia
from seen import show

right = Algorithmia.client()
wrong = Algorithmia.client("simWRONGwrongWRONGwrongWRONG")
empty = Algorithmia.client("")
narrow = Algorithmia.client(os.environ["NARROW_KEY"])
owners = Algorithmia.client(os.environ["OWNERS_KEY"])
del os.environ["ALGORITHMIA_API_KEY"]
missing = Algorithmia.client()
bearer = Algorithmia.client(bearer_token="a.b.c")


def hello(client):
    return client.algo("demo/Hello").pipe("foo").result


def stdout(client):
    algorithm = client.algo("wire/Print").set_options(stdout=True)
    return algorithm.pipe({"lines": ["one"]}).metadata.stdout


show(
    {
        "right": lambda: hello(right),
        "wrong": lambda: hello(wrong),
        "empty": lambda: hello(empty),
        "missing": lambda: hello(missing),
        "bearer token": lambda: hello(bearer),
        "narrow": lambda: hello(narrow),
        "narrow, another owner's": lambda: (
            narrow.algo("quality/echo").pipe("foo").result
        ),
        "stdout, a stranger": lambda: stdout(right),
        "stdout, the owner": lambda: stdout(owners),
        "a failure, a stranger": lambda: right.algo("wire/Throws").pipe(
            {"what": "error"}
        ),
        "a failure, the owner": lambda: owners.algo("wire/Throws").pipe(
            {"what": "error"}
        ),
    }
)
