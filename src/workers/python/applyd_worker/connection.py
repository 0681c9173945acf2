"""A blocking socket to the server, cut into frames."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

from .frames import HEAD, HELLO, PROTOCOL, json_frame

_CHUNK_BYTES = 64 * 1024


class ServerGone(Exception):
    """The connection is closed, by the server or by author code."""


class Connection:
    """Frames to and from the server; each is written before `send` returns."""

    def __init__(self, path: str, token: str, hello: dict[str, Any]) -> None:
        """
        Connects and says HELLO.

        Raises ServerGone, as all methods do.
        """
        self._socket = socket.socket(socket.AF_UNIX)
        # One for all: a large one of its own for each `recv` would cost more than a short call.
        self._chunk = memoryview(bytearray(_CHUNK_BYTES))
        try:
            self._socket.connect(path)
        except OSError as error:
            raise ServerGone from error
        self.send(json_frame(HELLO, {"protocol": PROTOCOL, "token": token, **hello}))

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, frame: bytes) -> None:
        try:
            self._socket.sendall(frame)
        except OSError as error:
            raise ServerGone from error

    def receive(self) -> Iterator[tuple[int, memoryview]]:
        """
        Waits for bytes and yields the kind and payload of each frame that they begin, the last one when it is
        whole: a 10 MB body is copied one time. A payload is good until the next `receive`.
        """
        chunk = self._chunk[: self._receive_into(self._chunk)]
        at = 0
        while at < len(chunk):
            if len(chunk) - at < HEAD.size:
                chunk, at = self._complete(chunk[at:], HEAD.size), 0
            length, kind = HEAD.unpack_from(chunk, at)
            end = at + HEAD.size + length
            if end > len(chunk):
                chunk, at, end = (
                    self._complete(chunk[at:], HEAD.size + length),
                    0,
                    HEAD.size + length,
                )
            yield kind, chunk[at + HEAD.size : end]
            at = end

    def close(self) -> None:
        self._socket.close()

    def _complete(self, part: memoryview, size: int) -> memoryview:
        whole = memoryview(bytearray(size))
        whole[: len(part)] = part
        have = len(part)
        while have < size:
            have += self._receive_into(whole[have:])
        return whole

    def _receive_into(self, room: memoryview) -> int:
        try:
            count = self._socket.recv_into(room)
        except OSError as error:
            raise ServerGone from error
        if count == 0:
            raise ServerGone
        return count
