"""Calls algorithms as users of the client do; the address and the key come from the environment."""

import os
from concurrent.futures import ThreadPoolExecutor

import Algorithmia
from Algorithmia.algorithm import OutputType
from seen import show

client = Algorithmia.client()


def pipe(ref, value, **options):
    algorithm = client.algo(ref)
    if options:
        algorithm.set_options(**options)
    answer = algorithm.pipe(value)
    return {"result": answer.result, "metadata": answer.metadata.full_metadata}


def result(ref, value, **options):
    return pipe(ref, value, **options)["result"]


def concurrently(count, threads):
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda n: result("docs/JavaAddOne", n), range(count)))


LARGE = "ü" * (4 * 2**20)  # two bytes each, so 8 MiB


def void():
    answer = client.algo("quality/echo").set_options(output=OutputType.void).pipe("foo")
    return [answer.async_protocol, answer.request_id]


def address_with_slash():
    other = Algorithmia.client(api_address=os.environ["ALGORITHMIA_API"] + "/")
    return other.algo("quality/echo").pipe("foo").result


show(
    {
        "text": lambda: pipe("quality/echo", "foo"),
        "object": lambda: pipe("quality/echo", {"foo": [1, None, 1.0, "bar"]}),
        "list": lambda: pipe(
            "WebPredict/ListAnagrams", ["transformer", "terraforms", "retransform"]
        ),
        "bytes": lambda: pipe("quality/echo", bytes(range(256))),
        "bytearray": lambda: pipe("quality/echo", bytearray(b"foo")),
        "no bytes": lambda: pipe("wire/Seen", b""),
        "None": lambda: pipe("wire/Seen", None),
        "numbers": lambda: repr(
            [result("quality/echo", n) for n in (0, -1.5, 1.0, 2**60, True)]
        ),
        "nothing returned": lambda: pipe("wire/Result", "void"),
        "unicode text": lambda: result("quality/echo", "☎ Grüße, 世界 𝄞"),
        "unicode JSON": lambda: result("quality/echo", {"☎": ["Grüße", "世界 𝄞"]}),
        "large": lambda: result("quality/echo", LARGE) == LARGE,
        "too large": lambda: result("quality/echo", LARGE + LARGE),
        "200 calls from 16 threads": lambda: concurrently(200, 16),
        "the default client": lambda: Algorithmia.algo("demo/Hello").pipe("foo").result,
        "an address with a slash": address_with_slash,
        "references": lambda: [
            result(ref, "foo")
            for ref in (
                "algo://demo/Hello",
                "/demo/Hello",
                "demo/Hello/0.1.0",
                "demo/Hello/0.1",
                "demo/Hello/0.1.x",
            )
        ],
        "stdout": lambda: pipe("wire/Print", {"lines": ["one", "two ☎"]}, stdout=True)[
            "metadata"
        ]["stdout"],
        "no stdout": lambda: (
            "stdout" in pipe("wire/Print", {"lines": ["one"]}, stdout=False)["metadata"]
        ),
        "timing": lambda: pipe("quality/echo", "foo", timing=1)["metadata"]["timing"],
        "raw text": lambda: (
            client.algo("wire/Result").set_options(output=OutputType.raw).pipe("text")
        ),
        "raw JSON": lambda: (
            client.algo("wire/Result").set_options(output=OutputType.raw).pipe("json")
        ),
        "a raw failure": lambda: (
            client.algo("zeryx/raise_exception")
            .set_options(output=OutputType.raw)
            .pipe("")
        ),
        "void": void,
        "a failure": lambda: result("zeryx/raise_exception", ""),
        "a failure with a type": lambda: result("wire/Throws", {"what": "typed"}),
        "a wrong input": lambda: result("docs/JavaAddOne", "one"),
        "a failure to load": lambda: result("wire/ThrowsInLoad", None),
        "a timeout": lambda: result("testing/Sleep", 60, timeout=0.2),
        "no such algorithm": lambda: result("no/Such", "foo"),
        "no such version": lambda: result("demo/Hello/9.9.9", "foo"),
        "a wrong option": lambda: result("demo/Hello", "foo", timeout=0),
    }
)
