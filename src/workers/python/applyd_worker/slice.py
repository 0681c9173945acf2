"""Runs a slice: consecutive items of a list or stream, one after the other (protocol/README.md, rules 12 to 14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, repeat
from time import perf_counter
from typing import Any

from .awaiting import settle
from .batch import Batch, WrongResults
from .errors import TypedError
from .frames import SINGLY, Slice
from .items import read_items
from .outcomes import Outcomes
from .result import check_size, write_item
from .turn import Turn
from .version import Version

# What an outcome's text begins with, and the input; a TypedError where the line is none.
Begun = tuple[bytes, Any]


class SliceRun:
    def __init__(
        self,
        slice: Slice,
        version: Version,
        turn: Turn,
        outcomes: Outcomes,
        load: dict[str, Any],
    ) -> None:
        """`load` is the `Load` of protocol/messages.ts."""
        self._slice = slice
        self._version = version
        self._turn = turn
        self._outcomes = outcomes
        self._max_bytes = load["maxOutputBytes"]
        self._max_items = 1 if slice.flags & SINGLY else load["maxBatchItems"]

    def run(self) -> None:
        """
        Until all items have ended, or the slice has been recalled.

        Raises RefusedInput, and SystemExit of the author's code.
        """
        items = self._outcomes.begin_each(read_items(self._slice))
        if self._version.batch:
            self._run_groups(items, self._version.batch)
        else:
            self._run_each(items)
        self._outcomes.write()

    def _run_each(self, items: Iterable[Begun]) -> None:
        _, apply, _, check_input, _ = self._version  # what this loop looks up counts
        for beginning, given in items:
            if self._turn.is_recalled(self._slice.id):
                return
            started = ended = 0.0
            try:
                if isinstance(given, TypedError):
                    raise given
                check_input(given)
                started = perf_counter()
                try:
                    value = settle(apply(given))
                finally:
                    ended = perf_counter()
                written = self._write(value)
            except SystemExit:
                raise
            except BaseException as error:
                self._outcomes.fail(beginning, error, (ended - started) * 1000)
            else:
                self._outcomes.succeed(beginning, written, (ended - started) * 1000)

    def _run_groups(self, items: Iterator[Begun], batch: Batch) -> None:
        while not self._turn.is_recalled(self._slice.id):
            group = list(islice(items, self._max_items))
            if not group:
                return
            self._run_group(group, batch)

    def _run_group(self, group: list[Begun], batch: Batch) -> None:
        faults = [self._fault(given) for _, given in group]
        inputs = [given for (_, given), fault in zip(group, faults) if fault is None]
        started = perf_counter()
        try:
            results = iter(batch.apply_to(inputs) if inputs else [])
        except SystemExit:
            raise
        except WrongResults as error:
            results = repeat(error)
        except BaseException as error:
            if not batch.is_all or len(inputs) > 1:
                self._run_each(group)
                return
            results = repeat(error)
        run_ms = (perf_counter() - started) * 1000 / max(1, len(inputs))
        for (beginning, _), fault in zip(group, faults):
            if fault:
                self._outcomes.fail(beginning, fault, 0)
            else:
                self._finish(beginning, next(results), run_ms)

    def _fault(self, given: Any) -> BaseException | None:
        """Why an item is not for the author's code."""
        try:
            if isinstance(given, TypedError):
                return given
            self._version.check_input(given)
        except TypedError as error:
            return error
        return None

    def _finish(self, beginning: bytes, result: Any, run_ms: float) -> None:
        try:
            if isinstance(result, BaseException):
                raise result
            written = self._write(result)
        except SystemExit:
            raise
        except BaseException as error:
            self._outcomes.fail(beginning, error, run_ms)
        else:
            self._outcomes.succeed(beginning, written, run_ms)

    def _write(self, value: Any) -> bytes:
        self._version.check_output(value)
        written = write_item(value)
        check_size(written, self._max_bytes)
        return written
