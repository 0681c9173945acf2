"""Runs calls that start together, in one `apply_batch` (protocol/README.md, rules 15 and 16)."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from .batch import Batch, WrongResults
from .envelope import failure_frame, result_frame
from .frames import Call
from .input import read_input
from .output import NOTHING, Printed
from .version import Version

# Outcomes are written together up to this size: a write, and a read at the other end, costs more than a small outcome.
_JOINED_BYTES = 65_536


class MicroBatch:
    def __init__(self, calls: list[Call], version: Version) -> None:
        self._calls = calls
        self._version = version
        self._inputs: dict[int, Any] = {}
        """By call."""
        self._faults: dict[int, Exception] = {}
        """Why calls have no input."""
        self._results: dict[int, Any] = {}
        """A BaseException for what has failed."""
        self._run_ms = 0.0

    def run(self, batch: Batch) -> bool:
        """
        Returns False if the author's code raised, and it is not known for whose input.

        Raises SystemExit of the author's code.
        """
        for call in self._calls:
            self._read(call)
        if not self._inputs:
            return True
        inputs = list(self._inputs.values())
        started = perf_counter()
        try:
            results = batch.apply_to(inputs)
        except SystemExit:
            raise
        except WrongResults as error:
            results = [error] * len(inputs)
        except BaseException as error:
            if len(inputs) > 1:
                return False
            results = [error]
        self._run_ms = (perf_counter() - started) * 1000
        self._results = dict(zip(self._inputs, results))
        return True

    def frames(self, max_bytes: int, printed: Printed | None) -> Iterator[bytes]:
        """The calls' OUTCOME frames, small ones together; what the code has printed is for all of them."""
        joined: list[bytes] = []
        size = 0
        for call in self._calls:
            frame = self._frame(call, max_bytes, printed)
            if joined and size + len(frame) > _JOINED_BYTES:
                yield b"".join(joined)
                joined.clear()
                size = 0
            joined.append(frame)
            size += len(frame)
        yield b"".join(joined)

    def _read(self, call: Call) -> None:
        try:
            given = read_input(call.input_kind, call.body)
            self._version.check_input(given)
            self._inputs[call.id] = given
        except Exception as error:
            self._faults[call.id] = error

    def _frame(self, call: Call, max_bytes: int, printed: Printed | None) -> bytes:
        fault = self._faults.get(call.id)
        if fault:
            return failure_frame(call, fault, 0, printed and NOTHING)
        result = self._results[call.id]
        try:
            if isinstance(result, BaseException):
                raise result
            self._version.check_output(result)
            given = self._inputs[call.id]
            return result_frame(call, given, result, self._run_ms, max_bytes, printed)
        except BaseException as error:
            return failure_frame(call, error, self._run_ms, printed)
