"""Calls in ways that a client which keeps its connections must bear."""

import json
import os
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import Algorithmia
import Algorithmia.connections
from seen import show

Algorithmia.connections.MAX_IDLE_S = 3600  # however slow this machine is

client = Algorithmia.client()
PROXY = os.environ["PROXY_CONTROL"]


def result(value):
    return client.algo("docs/JavaAddOne").pipe(value).result


def connections():
    """How many were opened since this was last asked."""
    with urllib.request.urlopen(PROXY + "/count") as answer:
        return json.load(answer)


def after(calls):
    connections()
    return [calls(), connections()]


def in_a_child(value):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, json.dumps(result(value)).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    return json.loads(os.read(reading, 100))


def forked():
    """Parent and child take turns, so that each would see the other's answers."""
    return [result(1), in_a_child(2), result(3), in_a_child(4), result(5)]


def cut():
    urllib.request.urlopen(PROXY + "/cut").close()
    return result(2)


def refused():
    try:
        client.algo("no/Such").pipe(1)
    except Algorithmia.errors.ApiError:
        return True


def threads():
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(result, range(80))) == list(range(1, 81))


show(
    {
        "one after another": lambda: after(lambda: [result(n) for n in range(5)]),
        "refused calls": lambda: after(lambda: [refused() for _ in range(3)]),
        "in a forked child": lambda: after(forked),
        "cut while idle": lambda: after(cut),
        "threads": threads,
    }
)
