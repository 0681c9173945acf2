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
        max_batch_items: int,
    ) -> None:
        self._slice = slice
        self._version = version
        self._turn = turn
        self._outcomes = outcomes
        self._max_items = max_batch_items

    def run(self) -> None:
        """
        Until all items have ended, or the slice has been recalled.

        Raises RefusedInput, and SystemExit of the author's code.
        """
        items = self._outcomes.begin_each(read_items(self._slice))
        if self._version.batch and not self._slice.flags & SINGLY:
            self._run_groups(items, self._version.batch)
        else:
            self._run_each(items)
        self._outcomes.write()

    def _run_each(self, items: Iterable[Begun]) -> None:
        apply, _, check_input, _ = self._version
        outcomes, turn, call = self._outcomes, self._turn, self._slice.id
        for beginning, given in items:
            if turn.is_recalled(call):
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
            except SystemExit:
                raise
            except BaseException as error:
                outcomes.fail(beginning, error, (ended - started) * 1000)
            else:
                outcomes.succeed(beginning, value, (ended - started) * 1000)

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
            if len(inputs) > 1:
                self._run_each(group)
                return
            results = repeat(error)
        run_ms = (perf_counter() - started) * 1000 / max(1, len(inputs))
        for (beginning, _), fault in zip(group, faults):
            result = fault or next(results)
            if isinstance(result, BaseException):
                self._outcomes.fail(beginning, result, 0 if fault else run_ms)
            else:
                self._outcomes.succeed(beginning, result, run_ms)

    def _fault(self, given: Any) -> TypedError | None:
        """Why an item is not for the author's code."""
        if isinstance(given, TypedError):
            return given
        try:
            self._version.check_input(given)
        except TypedError as error:
            return error
        return None
