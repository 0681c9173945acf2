"""How many rows go in one list."""

from __future__ import annotations

from .settings import Settings

FIRST_ROWS = 16
MOST_GROWTH = 8


class Sizing:
    """
    Learnt from each answer: longer lists while a call is short, shorter ones when the work in it is long. A call that
    is long because it waits for others says nothing about its length.
    """

    def __init__(self, settings: Settings) -> None:
        self._most_rows = settings.list_rows
        self._seconds = settings.list_seconds
        self._most_answer_bytes = settings.list_bytes
        self.rows = min(FIRST_ROWS, self._most_rows)
        self.bytes = settings.list_bytes

    def learn(
        self, rows: int, total_seconds: float, work_seconds: float, answer_bytes: int
    ) -> None:
        """A list of so many rows has been answered."""
        wanted = float(self.rows)
        if work_seconds > self._seconds:
            wanted = rows * self._seconds / work_seconds
        elif total_seconds < self._seconds / 2 and rows >= self.rows:
            wanted = rows * min(
                MOST_GROWTH, self._seconds / 2 / max(total_seconds, 1e-6)
            )
        if answer_bytes > 0:
            wanted = min(wanted, rows * self._most_answer_bytes / answer_bytes)
        self.rows = max(1, min(self._most_rows, int(wanted)))

    def refused(self, size: int) -> None:
        """A list of so many bytes was more than the server takes."""
        self.bytes = max(1, min(self.bytes, size // 2))

    def overflowed(self, rows: int) -> None:
        """The results of so many rows were more than the server answers."""
        self.rows = max(1, min(self.rows, rows // 2))
