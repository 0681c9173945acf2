"""The outcomes of a slice on their way: as text, in the outbox, on the lane (protocol/README.md, rule 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from math import isfinite
from time import perf_counter
from typing import Any

from .connection import Connection
from .errors import describe
from .frames import AS_LINES, ECHO_ID, SINGLY, Slice
from .outbox import Outbox
from .result import check_size, json_text, write_item
from .schema import Check
from .temp_folder import TempFolder

# So long they may wait in the outbox, if another item ends then.
_WAIT_SECONDS = 0.001


class Outcomes:
    def __init__(
        self,
        slice: Slice,
        check: Check,
        max_bytes: int,
        outbox: Outbox,
        lane: Connection,
        temp: TempFolder | None,
    ) -> None:
        """`check` and `max_bytes` are of each result."""
        self._check = check
        self._max_bytes = max_bytes
        self._outbox = outbox
        self._lane = lane
        self._temp = temp
        self._first_index = slice.first_index
        self._is_lines = slice.flags & AS_LINES != 0
        self._echoes = slice.flags & ECHO_ID != 0
        self._wait_seconds = -1.0 if slice.flags & SINGLY else _WAIT_SECONDS
        self._written = perf_counter()
        self.run_ms = 0.0
        """Inside `apply`, all in all."""

    def begin_each(self, items: Iterable[Any]) -> Iterator[tuple[bytes, Any]]:
        """
        Yields each input behind what the text of its outcome begins with; author code changes inputs, so that is told
        before.
        """
        if not self._is_lines:
            return zip(repeat(b""), items)
        indexed = enumerate(items, self._first_index)
        return ((self._begin(index, given), given) for index, given in indexed)

    def succeed(self, beginning: bytes, value: Any, run_ms: float) -> None:
        """Unless the result is not what it may be: then the item fails."""
        try:
            self._check(value)
            written = write_item(value)
            check_size(written, self._max_bytes)
        except SystemExit:
            raise
        except BaseException as error:
            self.fail(beginning, error, run_ms)
            return
        if self._is_lines:
            self._add(b'%b"result":%b}\n' % (beginning, written), False, run_ms)
        else:
            self._add(written + b",", False, run_ms)

    def fail(self, beginning: bytes, error: BaseException, run_ms: float) -> None:
        message, error_type, _ = describe(error)
        error.__traceback__ = None  # it would keep the input alive for a while
        text = json_text({"message": message, "error_type": error_type})
        if self._is_lines:
            text = b'%b"error":%b}\n' % (beginning, text)
        self._add(text, True, run_ms)

    def write(self) -> None:
        """All that wait. What the items have left in the temporary folder is gone by then."""
        if self._temp:
            self._temp.empty()
        frame = self._outbox.frame()
        if frame:
            self._lane.send(frame)
            self._outbox.clear()
        self._written = perf_counter()

    def _begin(self, index: int, given: Any) -> bytes:
        if self._echoes and isinstance(given, dict):
            return b'{"index":%d,%b' % (index, _id_of(given))
        return b'{"index":%d,' % index

    def _add(self, text: bytes, has_failed: bool, run_ms: float) -> None:
        self.run_ms += run_ms
        if not self._outbox.add(text, has_failed, run_ms):
            self.write()
            if not self._outbox.add(text, has_failed, run_ms):
                self._lane.send(self._outbox.frame_of(text, has_failed, run_ms))
                self._outbox.clear(more=1)
        if perf_counter() - self._written > self._wait_seconds:
            self.write()


def _id_of(given: dict[str, Any]) -> bytes:
    own = given.get("id")
    is_echoed = isinstance(own, str) or (
        isinstance(own, (int, float)) and not isinstance(own, bool) and isfinite(own)
    )
    return b'"id":%b,' % json_text(own) if is_echoed else b""
