"""
What the author's code, C code and child processes print, kept apart from the protocol (api-contract §3.9).

A worker's descriptors 1 and 2 are a pipe that its supervisor reads at all times, so that nobody who prints ever
waits for a worker that is busy.
"""

from __future__ import annotations

import io
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct
from typing import NamedTuple

# Kept of one call's output; a REC of api-contract §3.9.
_MAX_BYTES = 64 * 1024
_WANTS_OUTPUT, _WAKES = b"?", b"!"
_ANSWER = Struct("<QI")  # bytes omitted, bytes that follow


class Printed(NamedTuple):
    """The last 64 KiB of what was printed, and how many bytes came before."""

    omitted: int
    text: str

    def __add__(self, later: Printed) -> Printed:  # type: ignore[override]
        return later if later.omitted else Printed(self.omitted, self.text + later.text)


NOTHING = Printed(0, "")


class OutputReader:
    """The supervisor's end: reads the pipe, and hands over what has come when the worker asks."""

    def __init__(self) -> None:
        self.pipe, self._worker_pipe = os.pipe()
        self.desk, self._worker_desk = socket.socketpair()
        self._kept = bytearray()
        self._omitted = 0

    def for_worker(self) -> OutputWriter:
        """In the worker, after the fork: from now on it prints into the pipe."""
        writer = OutputWriter(self._worker_desk, self._worker_pipe)
        os.close(self.pipe)
        self.desk.close()
        return writer

    def for_supervisor(self) -> None:
        """In the supervisor, after the fork."""
        os.close(self._worker_pipe)
        self._worker_desk.close()
        os.set_blocking(self.pipe, False)
        self.desk.setblocking(False)

    def keep(self, chunk: bytes) -> None:
        """What has been printed elsewhere comes before what the worker prints."""
        self._kept += chunk

    def read(self) -> bool:
        """Takes what is there. Returns False when nobody has the pipe open any more."""
        try:
            while True:
                chunk = os.read(self.pipe, _MAX_BYTES)
                if not chunk:
                    return False
                self._kept += chunk
                if len(self._kept) > 4 * _MAX_BYTES:
                    self._cut()
        except BlockingIOError:
            return True

    def answer(self) -> bool:
        """
        The worker wants what has been printed, or only wakes us. Returns False if it is no longer there, or has not
        taken the last answer.
        """
        try:
            question = self.desk.recv(1)
            if question != _WANTS_OUTPUT:
                return question == _WAKES
            self.read()
            self._cut()
            reply = _ANSWER.pack(self._omitted, len(self._kept)) + self._kept
            self._kept.clear()
            self._omitted = 0
            return self.desk.send(reply) == len(reply)
        except OSError:
            return False

    def close(self) -> None:
        os.close(self.pipe)
        self.desk.close()

    def _cut(self) -> None:
        start = max(0, len(self._kept) - _MAX_BYTES)
        while 0 < start < len(self._kept) and self._kept[start] & 0xC0 == 0x80:
            start += 1
        self._omitted += start
        del self._kept[:start]


@contextmanager
def printing_into(reader: OutputReader) -> Iterator[None]:
    """What this process prints meanwhile is kept for the worker."""
    import tempfile

    own = [os.dup(descriptor) for descriptor in (1, 2)]
    with tempfile.TemporaryFile() as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        try:
            yield
        finally:
            for descriptor, saved in zip((1, 2), own):
                os.dup2(saved, descriptor)
                os.close(saved)
            file.seek(0)
            reader.keep(file.read())


class OutputWriter:
    """The worker's end."""

    def __init__(self, desk: socket.socket, pipe: int) -> None:
        self._desk = desk
        for descriptor in (1, 2):
            os.dup2(pipe, descriptor)
        os.close(pipe)
        self._streams: list[io.TextIOWrapper] = []
        self._open_streams()

    def take(self) -> Printed:
        """What has been printed since the last time. Raises OSError: author code has closed the way."""
        self.flush()
        self._desk.sendall(_WANTS_OUTPUT)
        omitted, length = _ANSWER.unpack(self._receive(_ANSWER.size))
        text = self._receive(length).decode(errors="replace")
        if omitted:
            text = f"[stdout truncated: {omitted} bytes omitted]\n{text}"
        return Printed(omitted, text)

    def wake_supervisor(self) -> None:
        """After a pause: a call begins, which is to be watched. Raises OSError."""
        self._desk.sendall(_WAKES)

    def flush(self) -> None:
        """A line that has no end yet belongs to the call that wrote it."""
        try:
            for stream in self._streams:
                stream.flush()
        except (OSError, ValueError):  # author code has closed it, or its descriptor
            self._open_streams()

    def _open_streams(self) -> None:
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            stream = open(  # noqa: SIM115  # it is the one to be used from now on
                descriptor,
                "w",
                buffering=1,
                encoding="utf-8",
                errors="backslashreplace",
                closefd=False,
            )
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
            self._streams = [*self._streams[-1:], stream]

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            chunk = self._desk.recv(count - len(data))
            if not chunk:
                raise BrokenPipeError
            data += chunk
        return data
