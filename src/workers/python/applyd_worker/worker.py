"""A worker: a process that serves its lane until it is ended, one call at a time."""

from __future__ import annotations

import os
import sys
from functools import reduce
from operator import or_
from time import perf_counter
from typing import Any, NoReturn

from . import frames
from .awaiting import settle
from .connection import Connection, ServerGone
from .envelope import failure_frame, refused_frame, result_frame, slice_frame
from .frames import Call, Slice, json_frame
from .input import RefusedInput, read_input
from .micro_batch import MicroBatch
from .outbox import Outbox
from .outcomes import Outcomes
from .output import NOTHING, OutputWriter, Printed
from .slice import SliceRun
from .temp_folder import TempFolder
from .turn import Turn
from .version import LoadFailure, Version, load_version

# A supervisor that has seen no call for longer than this sleeps.
PAUSE_SECONDS = 0.05


class Worker:
    def __init__(
        self,
        lane: Connection,
        load: dict[str, Any],
        turn: Turn,
        outbox: Outbox,
        output: OutputWriter,
        temp: TempFolder | None,
    ) -> None:
        """`load` is the `Load` of protocol/messages.ts."""
        self._lane = lane
        self._load = load
        self._turn = turn
        self._outbox = outbox
        self._output = output
        self._temp = temp
        self._load_output = NOTHING
        self._ended = 0.0

    def serve(self, version: Version | LoadFailure | None) -> NoReturn:
        """
        Loads what has not been loaded before the fork, and serves. Never returns: the server ends it, or the
        author's code does.
        """
        try:
            started = perf_counter()
            version = version or load_version(self._load)
            self._tell_loaded(version, started)
            while True:
                for kind, payload in self._lane.receive():
                    if kind == frames.CALLS:
                        for call in frames.read_calls(payload):
                            if self._turn.start(call.id):
                                self._run(call, version)
                                self._turn.end(call.id)
                    elif kind == frames.BATCH:
                        calls = frames.read_calls(payload)
                        if self._turn.start(calls[-1].id):
                            self._run_batch(calls, version)
                            self._turn.end(calls[-1].id)
                    elif kind == frames.SLICE:
                        slice = frames.read_slice(payload)
                        if self._turn.start(slice.id):
                            self._run_slice(slice, version)
                            self._turn.end(slice.id)
        except SystemExit as error:
            self._exit(error)
        except (ServerGone, OSError):  # what it needs to go on has been closed
            self._turn.lose_lane()
            os._exit(1)

    def _tell_loaded(self, version: Version | LoadFailure, started: float) -> None:
        if isinstance(version, LoadFailure):
            self._lane.send(json_frame(frames.FAILED, version._asdict()))
            return
        # For the first call (api-contract §3.9).
        self._load_output = self._output.take()
        if self._temp:
            self._temp.keep()
        ready = {
            "loadMs": (perf_counter() - started) * 1000,
            "isBatch": version.batch is not None,
        }
        self._lane.send(json_frame(frames.READY, ready))

    def _run(self, call: Call, version: Version) -> None:
        is_heard = self._begin(call.wants)
        given = value = error = None
        started = perf_counter()
        try:
            given = read_input(call.input_kind, call.body)
            version.check_input(given)
            started = perf_counter()
            value = settle(version.apply(given))
            run_ms = (perf_counter() - started) * 1000
            version.check_output(value)
        except SystemExit:
            raise
        except RefusedInput as refused:
            self._lane.send(refused_frame(call, str(refused)))
            return
        except BaseException as raised:
            run_ms = (perf_counter() - started) * 1000
            error = raised
        printed = self._printed(call.request_id) if is_heard else None
        self._load_output = NOTHING
        if error is None:
            try:
                frame = result_frame(
                    call, given, value, run_ms, self._load["maxOutputBytes"], printed
                )
            except Exception as raised:
                error = raised
        if error is not None:
            frame = failure_frame(call, error, run_ms, printed)
        if self._temp:
            self._temp.empty()
        self._lane.send(frame)
        self._ended = perf_counter()

    def _run_slice(self, slice: Slice, version: Version) -> None:
        nothing_yet = self._outbox.open(slice.id)
        if self._turn.has_opened:
            self._lane.send(nothing_yet)
        is_heard = self._begin(slice.wants)
        outcomes = Outcomes(
            slice,
            version.check_output,
            self._load["maxOutputBytes"],
            self._outbox,
            self._lane,
            self._temp,
        )
        try:
            SliceRun(
                slice, version, self._turn, outcomes, self._load["maxBatchItems"]
            ).run()
        except RefusedInput as refused:
            self._lane.send(refused_frame(slice, str(refused)))
            return
        printed = self._printed(slice.request_id) if is_heard else NOTHING
        self._load_output = NOTHING
        text = printed.text if slice.wants & frames.STDOUT else ""
        self._lane.send(slice_frame(slice, outcomes.run_ms, text))
        self._ended = perf_counter()

    def _run_batch(self, calls: list[Call], version: Version) -> None:
        is_heard = self._begin(reduce(or_, (call.wants for call in calls)))
        batch = MicroBatch(calls, version)
        has_run = batch.run(version.batch)
        printed = None
        if is_heard:
            printed = self._printed(calls[0].request_id if len(calls) == 1 else None)
        self._load_output = NOTHING
        if self._temp:
            self._temp.empty()
        if has_run:
            for frame in batch.frames(self._load["maxOutputBytes"], printed):
                self._lane.send(frame)
        else:
            self._lane.send(json_frame(frames.APART, {}))
        self._ended = perf_counter()

    def _begin(self, wants: int) -> bool:
        """Returns whether what is printed is wanted. What was printed between the calls is nobody's."""
        is_heard = wants & frames.STDOUT != 0 or self._load["sendOutput"]
        if is_heard:
            self._send_output(None, self._output.take())
        if perf_counter() - self._ended > PAUSE_SECONDS:
            self._output.wake_supervisor()
        return is_heard

    def _printed(self, request_id: str | None) -> Printed:
        printed = self._load_output + self._output.take()
        self._send_output(request_id, printed)
        return printed

    def _send_output(self, request_id: str | None, printed: Printed) -> None:
        if printed.text and self._load["sendOutput"]:
            message = {"requestId": request_id, "text": printed.text}
            self._lane.send(json_frame(frames.OUTPUT, message))

    def _exit(self, error: SystemExit) -> NoReturn:
        """As Python itself would, but without waiting for threads that the author's code has left running."""
        code = error.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
        self._output.flush()
        os._exit((code or 0) & 0xFF)
