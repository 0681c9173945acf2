"""
Which call of a group may still start: settled between a worker and its supervisor in shared memory, so that it is
exact even while the worker is inside a loop.
"""

from __future__ import annotations

import mmap
import os
import select
from struct import Struct

_WORDS = Struct("<II")  # the last call that started; the last one that was recalled
_ENDED = Struct("<I")  # behind them: the last call that ended

# A worker has the lock for some microseconds.
_LOCK_SECONDS = 0.1


class Turn:
    """Made before the fork, and used on both sides of it. The byte in the pipe is a lock that processes can share."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _WORDS.size + _ENDED.size)
        self._take, self._give = os.pipe()
        os.write(self._give, b"x")

    def start(self, call: int) -> bool:
        """
        The worker asks before each call; ids go up.

        Returns False if the call has been recalled and is to be dropped without a word.
        """
        os.read(self._take, 1)
        recalled = _WORDS.unpack_from(self._memory)[1]
        may_start = call > recalled
        if may_start:
            _WORDS.pack_into(self._memory, 0, call, recalled)
        os.write(self._give, b"x")
        return may_start

    def end(self, call: int) -> None:
        """The worker has answered the call."""
        _ENDED.pack_into(self._memory, _WORDS.size, call)

    def recall(self, last: int) -> int:
        """
        The supervisor holds back all calls up to `last` that have not started.

        Returns the id of the last call that started; those after it, up to `last`, never will.
        Raises TimeoutError: the lock is gone, as when author code has read from a descriptor that is not its own.
        """
        if not select.select([self._take], [], [], _LOCK_SECONDS)[0]:
            raise TimeoutError
        os.read(self._take, 1)
        started = self.started
        _WORDS.pack_into(self._memory, 0, started, last)
        os.write(self._give, b"x")
        return started

    @property
    def started(self) -> int:
        """The id of the last call that started."""
        return _WORDS.unpack_from(self._memory)[0]

    @property
    def is_running(self) -> bool:
        """Whether the worker runs a call."""
        return _ENDED.unpack_from(self._memory, _WORDS.size)[0] != self.started

    def close(self) -> None:
        """For the supervisor, when the worker is gone."""
        self._memory.close()
        os.close(self._take)
        os.close(self._give)
