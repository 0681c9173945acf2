"""The servers of one task: whose turn it is, and who rests."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

CONNECT_SECONDS = 10
FIRST_REST_SECONDS = 0.1
LONGEST_REST_SECONDS = 10


class Server:
    """One address, with the connections to it that are idle."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rests_until = 0.0
        self._idle: list[http.client.HTTPConnection] = []
        self._failures = 0

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def connection(self) -> http.client.HTTPConnection:
        """An idle one, else a new one, which connects when it is used."""
        if self._idle:
            return self._idle.pop()
        parts = urlsplit(self.url)
        is_secret = parts.scheme == "https"
        make = http.client.HTTPSConnection if is_secret else http.client.HTTPConnection
        return make(parts.hostname, parts.port, timeout=CONNECT_SECONDS)

    def keep(self, connection: http.client.HTTPConnection) -> None:
        """It has been answered, and may be used again."""
        self._failures = 0
        self._idle.append(connection)

    def rest(self, seconds: float | None = None) -> None:
        """Nothing is sent there for so long and a little more; untold, longer from one failure to the next."""
        if seconds is None:
            seconds = min(LONGEST_REST_SECONDS, FIRST_REST_SECONDS * 2**self._failures)
            self._failures = min(self._failures + 1, 10)
        # Those who were told to wait the same time do not come back together.
        jitter = random.uniform(0, 0.25 * seconds + 0.05)
        self.rests_until = max(self.rests_until, time.monotonic() + seconds + jitter)

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()


class Servers:
    """
    One after the other, but those that rest.

    :param turn: who begins, so that tasks begin with different ones
    """

    def __init__(self, urls: Sequence[str], turn: int) -> None:
        self.all = [Server(url) for url in urls]
        self._turn = turn

    def next(self) -> Server | None:
        """The next one that does not rest, if there is one."""
        now = time.monotonic()
        for _ in self.all:
            server = self.all[self._turn % len(self.all)]
            self._turn += 1
            if server.rests_until <= now:
                return server
        return None

    def first_back_at(self) -> float:
        """When the first of them has rested, by `time.monotonic`."""
        return min(server.rests_until for server in self.all)

    def close(self) -> None:
        for server in self.all:
            server.close()
