"""
Outcomes of a slice that its worker has and has not written, in memory that it shares with its supervisor: whatever
becomes of the worker, they are not lost (protocol/README.md, rule 12).
"""

from __future__ import annotations

import mmap
import time

from .frames import outcomes_frame
from .turn import SETTLE_SECONDS

# A page that is never written costs nothing.
_BYTES = 256 * 1024
_RUN_MS_AT, _LENGTHS_AT, _TEXTS_AT = 16, 24, 8192
_MAX_COUNT = (_TEXTS_AT - _LENGTHS_AT) // 4 - 1  # a length of 0 is behind the last
# Words; the first goes up before and after what belongs together is changed, and is odd meanwhile.
_CHANGES, _CALL, _OFFSET = range(3)
# A server that has waited so long for an answer has ended the process.
_LOOKS = 200


class Outbox:
    """Made before the fork, and used on both sides of it. A length is stored behind its text, and so says that it is there."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _BYTES)
        whole = memoryview(self._memory)
        self._words = whole[:_RUN_MS_AT].cast("I")
        self._run_ms = whole[_RUN_MS_AT:_LENGTHS_AT].cast("d")
        self._lengths = whole[_LENGTHS_AT:_TEXTS_AT].cast("I")
        self._views = (whole, self._words, self._run_ms, self._lengths)
        # The worker's own.
        self._count = 0
        self._end = _TEXTS_AT

    def open(self, call: int) -> bytes:
        """The worker begins a slice. Returns an OUTCOMES frame of none."""
        words = self._words
        words[_CHANGES] += 1
        words[_OFFSET] = 0
        words[_CALL] = call
        words[_CHANGES] += 1
        return self._frame(0)

    def add(self, text: bytes, has_failed: bool, run_ms: float) -> bool:
        """Returns False if there is no room."""
        count, at = self._count, self._end
        end = at + len(text)
        if end > _BYTES or count == _MAX_COUNT:
            return False
        self._memory[at:end] = text
        self._run_ms[0] += run_ms
        self._lengths[count] = len(text) * 2 + has_failed
        self._count = count + 1
        self._end = end
        return True

    def frame(self) -> bytes | None:
        """For the worker: what is in it as an OUTCOMES frame, or None."""
        return self._frame(self._count) if self._count else None

    def frame_of(self, text: bytes, has_failed: bool, run_ms: float) -> bytes:
        """The OUTCOMES frame of the next item alone, for which there is no room although it is empty."""
        lengths = [len(text) * 2 + has_failed]
        words = self._words
        return outcomes_frame(words[_CALL], words[_OFFSET], run_ms, lengths, text)

    def clear(self, more: int = 0) -> None:
        """What was in it has been written, and so many outcomes more. However much of this a dying worker does: all is true."""
        words, count = self._words, self._count
        words[_CHANGES] += 1
        self._memory[_LENGTHS_AT : _LENGTHS_AT + 4 * count] = bytes(4 * count)
        words[_OFFSET] += count + more
        self._run_ms[0] = 0.0
        words[_CHANGES] += 1
        self._count = 0
        self._end = _TEXTS_AT

    def rest(self, lane: int) -> bytes | None:
        """
        For the supervisor, when the worker is gone: what is in it as a REST frame, or None if it has run no slice.
        An empty one says how much has been written; that of a slice that has ended does, too, since the server may not
        have read its outcomes.
        """
        return self._frame(self._found(), lane) if self._words[_CALL] else None

    def rest_meanwhile(self, lane: int) -> bytes | None:
        """The same while the worker goes on, which has been recalled and so changes little more."""
        for _ in range(_LOOKS if self._words[_CALL] else 0):
            changes = self._words[_CHANGES]
            count = self._found()
            time.sleep(SETTLE_SECONDS)
            frame = self._frame(count, lane)
            if changes % 2 == 0 and changes == self._words[_CHANGES]:
                return frame
        return None

    def close(self) -> None:
        """For the supervisor, when the worker is gone."""
        for view in self._views:
            view.release()
        self._memory.close()

    def _found(self) -> int:
        return self._lengths.tolist().index(0)

    def _frame(self, count: int, lane: int | None = None) -> bytes:
        words = self._words
        lengths = self._lengths[:count].tolist()
        end = _TEXTS_AT + sum(length >> 1 for length in lengths)
        texts = self._memory[_TEXTS_AT:end]
        return outcomes_frame(
            words[_CALL], words[_OFFSET], self._run_ms[0], lengths, texts, lane
        )
