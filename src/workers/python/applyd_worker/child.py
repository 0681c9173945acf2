"""The supervisor's side of one worker."""

from __future__ import annotations

import os
import signal
from typing import Callable

from .outbox import Outbox
from .output import OutputReader
from .turn import Turn


class Child:
    """A process that serves one lane."""

    def __init__(self, lane: int) -> None:
        self.lane = lane
        self.turn = Turn()
        self.outbox = Outbox()
        self.output = OutputReader()
        self.cause = "exit"
        """Why it ends, if it does: by itself, unless we say otherwise."""
        self.pid = 0
        self._last_seen = 0

    def fork(self, serve: Callable[[], None]) -> None:
        """`serve` is run in the new process and does not return."""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                serve()
            finally:
                os._exit(70)
        self.output.for_supervisor()

    def end(self, cause: str) -> None:
        """Ends it now, whatever it does."""
        self.cause = cause
        os.kill(self.pid, signal.SIGKILL)

    def has_run(self) -> bool:
        """Whether it runs a call, or has begun one since the last look."""
        before, self._last_seen = self._last_seen, self.turn.started
        return before != self._last_seen or self.turn.is_running

    def close(self) -> None:
        self.turn.close()
        self.outbox.close()
        self.output.close()
