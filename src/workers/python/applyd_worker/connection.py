"""A blocking socket to the server, cut into frames."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

from .frames import HEAD, HELLO, PROTOCOL, json_frame

_CHUNK_BYTES = 256 * 1024


class Connection:
    """Frames to and from the server; each is written before `send` returns."""

    def __init__(self, path: str, token: str, hello: dict[str, Any]) -> None:
        """
        Connects and says HELLO.

        Raises OSError: the server is gone.
        """
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self.send(json_frame(HELLO, {"protocol": PROTOCOL, "token": token, **hello}))

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, frame: bytes) -> None:
        """Raises OSError: the server has closed it."""
        self._socket.sendall(frame)

    def receive(self) -> Iterator[tuple[int, memoryview]]:
        """
        Waits for bytes and yields the kind and payload of each frame that they begin, the last one when it is
        whole: a 10 MB body is copied one time.

        Raises EOFError: the server has closed it.
        """
        chunk = memoryview(self._socket.recv(_CHUNK_BYTES))
        if not chunk:
            raise EOFError
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
            count = self._socket.recv_into(whole[have:])
            if count == 0:
                raise EOFError
            have += count
        return whole
