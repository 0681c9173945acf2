"""
Rows go out in lists and come back in their order.

Streams of lines were no faster: an answer to a list is shorter by an index a row. And a stream wants to be read while
it is written, which needs a thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from .answer import Answer, ListFailed, read_answer
from .call import Call, Door, TooLarge
from .inputs import Inputs
from .parts import Part, parts_of
from .settings import Settings
from .sizing import Sizing

# In a list of fewer items the server never gives the others up (see Failure.is_not_run).
CERTAIN_ROWS = 9
# Rows that were not done in time go again in so many lists, or in longer ones if more than that was done.
PARTS = 4


@dataclass
class _Sent:
    """Rows of a part that are sent, or are to be sent, in one list."""

    rows: Sequence[int]
    tries: int
    """Lists that they were in, and nothing was done in time."""
    call: Call | None = None


class Lists:
    """
    The lists of one task.

    :param parse_float: makes what of a number with a fraction in a result
    """

    def __init__(
        self, door: Door, settings: Settings, parse_float: Callable[[str], Any]
    ) -> None:
        self._door = door
        self._settings = settings
        self._parse_float = parse_float
        self._sizing = Sizing(settings)

    def run(self, groups: Iterable[Inputs]) -> Iterator[Part]:
        """
        Takes rows as lists come back, and no faster: `in_flight` lists are at the servers at one time.

        :param groups: inputs, and why those are missing that are
        :raises ApplydError: what ends a task
        """
        flying: deque[tuple[Part, _Sent]] = deque()
        for part in parts_of(groups, self._sizing):
            rows = range(len(part.inputs))
            if None in part.inputs:
                rows = [row for row in rows if part.inputs[row] is not None]
            flying.append((part, self._send(part, _Sent(rows, 0))))
            if len(flying) >= self._settings.in_flight:
                yield self._finish(*flying.popleft())
        while flying:
            yield self._finish(*flying.popleft())

    def _send(self, part: Part, sent: _Sent) -> _Sent:
        if len(sent.rows) > 0:
            items = (
                part.inputs
                if len(sent.rows) == len(part.inputs)
                else map(part.inputs.__getitem__, sent.rows)
            )
            sent.call = self._door.send(b"[" + b",".join(items) + b"]")
        return sent

    def _finish(self, part: Part, first: _Sent) -> Part:
        """Waits until each of its rows has an outcome. What goes again goes one list after the other."""
        waiting = [first]
        while waiting:
            sent = waiting.pop()
            if len(sent.rows) == 0:
                continue
            if sent.call is None:
                self._send(part, sent)
            waiting += reversed(self._take(part, sent))
        return part

    def _take(self, part: Part, sent: _Sent) -> list[_Sent]:
        """Notes what came of these rows. :returns: those that go again"""
        rows = sent.rows
        try:
            data = sent.call.answer()
            answer = read_answer(data, len(rows), self._parse_float)
        except TooLarge as refusal:
            self._sizing.refused(sum(len(part.inputs[row]) for row in rows))
            return _halves(part, sent, str(refusal))
        except ListFailed as failure:
            self._sizing.overflowed(len(rows))
            return _halves(part, sent, str(failure))
        self._sizing.learn(
            len(rows), answer.total_seconds, answer.work_seconds, answer.size
        )
        if len(rows) == len(part.inputs):
            part.results = answer.results
        else:
            for row, result in zip(rows, answer.results):
                part.results[row] = result
        return self._failed(part, sent, answer) if answer.failures else []

    def _failed(self, part: Part, sent: _Sent, answer: Answer) -> list[_Sent]:
        late: list[int] = []
        not_run: list[int] = []
        is_over = self._settings.row_timeout is None or answer.is_over_at(
            self._settings.timeout
        )
        for index, failure in answer.failures.items():
            row = sent.rows[index]
            if failure.is_not_run and len(sent.rows) > CERTAIN_ROWS:
                not_run.append(row)
            elif failure.is_timeout and is_over:
                late.append(row)
            else:
                part.errors[row] = failure.message
        again = _cut(not_run, CERTAIN_ROWS, sent.tries)
        if not late:
            return again
        done = len(sent.rows) - len(late)
        length = max(done, -(-len(late) // PARTS))
        if done > 0 or sent.tries < self._settings.retries:
            return again + _cut(late, length, sent.tries + (done == 0))
        message = f"{answer.failures[0].message}; not done within timeout={self._settings.timeout:g} s"
        part.errors.update((row, message) for row in late)
        return again


def _cut(rows: Sequence[int], length: int, tries: int) -> list[_Sent]:
    return [
        _Sent(rows[start : start + length], tries)
        for start in range(0, len(rows), length)
    ]


def _halves(part: Part, sent: _Sent, message: str) -> list[_Sent]:
    """A list that failed as a whole goes again in two; one of a single row is its error."""
    if len(sent.rows) > 1:
        return _cut(sent.rows, -(-len(sent.rows) // 2), sent.tries)
    part.errors[sent.rows[0]] = message
    return []
