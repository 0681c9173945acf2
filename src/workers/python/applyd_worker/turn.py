"""
Which call of a group may still start: settled between a worker and its supervisor in shared memory, so that it is
exact even while the worker is inside a loop.
"""

from __future__ import annotations

import mmap
import os
import select
import time

_STARTED, _RECALLED, _ENDED = range(3)  # words: the last call of which that is true
_HAS_LOST_LANE = 3

# A worker has the lock for some microseconds.
_LOCK_SECONDS = 0.1
# What a processor has written is there for the others long before that.
SETTLE_SECONDS = 0.001


class Turn:
    """Made before the fork, and used on both sides of it. The byte in the pipe is a lock that processes can share."""

    def __init__(self) -> None:
        self._words = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("I")
        self._seen = 0
        self.has_opened = False
        """Whether the call that started last came after a recall."""
        self._take, self._give = os.pipe()
        os.write(self._give, b"x")

    def start(self, call: int) -> bool:
        """
        The worker asks before each call; ids go up.

        Returns False if the call has been recalled and is to be dropped without a word.
        """
        os.read(self._take, 1)
        recalled = self._words[_RECALLED]
        may_start = call > recalled
        if may_start:
            self._words[_STARTED] = call
            self.has_opened, self._seen = recalled != self._seen, recalled
        os.write(self._give, b"x")
        return may_start

    def end(self, call: int) -> None:
        """The worker has answered the call."""
        self._words[_ENDED] = call

    def is_recalled(self, call: int) -> bool:
        """
        The worker asks before each item of the slice that runs, when the outcomes of those before it are in the outbox.
        That needs no lock: an item may start beside a recall, but then the recall has not returned, and whoever reads
        the outbox after it finds all outcomes but that item's.
        """
        return self._words[_RECALLED] >= call

    def recall(self, last: int) -> int:
        """
        The supervisor holds back all calls up to `last` that have not started, and the items of a slice up to there.

        Returns the id of the last call that started; those after it, up to `last`, never will.
        Raises TimeoutError: the lock is gone, as when author code has read from a descriptor that is not its own.
        """
        if not select.select([self._take], [], [], _LOCK_SECONDS)[0]:
            raise TimeoutError
        os.read(self._take, 1)
        started = self.started
        self._words[_RECALLED] = last
        os.write(self._give, b"x")
        if self.is_running:
            time.sleep(SETTLE_SECONDS)
        return started

    def lose_lane(self) -> None:
        """The worker cannot write any more, and so ends: no item runs."""
        self._words[_HAS_LOST_LANE] = 1

    @property
    def has_lost_lane(self) -> bool:
        return self._words[_HAS_LOST_LANE] != 0

    @property
    def started(self) -> int:
        """The id of the last call that started."""
        return self._words[_STARTED]

    @property
    def is_running(self) -> bool:
        """Whether the worker runs a call."""
        return self._words[_ENDED] != self._words[_STARTED]

    def close(self) -> None:
        """For the supervisor, when the worker is gone."""
        self._words.release()
        os.close(self._take)
        os.close(self._give)
