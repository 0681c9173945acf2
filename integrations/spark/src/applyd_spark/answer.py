"""What a server answers to a list (interface §4)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import inf
from typing import Any, Callable

from .errors import ApplydError, Refused

_CLAMPED = "timeout clamped to "


class ListFailed(ApplydError):
    """No item of the list has an outcome, such as when the results are too large together."""


@dataclass
class Failure:
    """An item that failed."""

    message: str
    error_type: str

    @property
    def is_timeout(self) -> bool:
        return self.error_type == "TimeoutError"

    @property
    def is_not_run(self) -> bool:
        """Items before it have ended so many workers that the server gave the list up."""
        return self.error_type in (
            "SystemExit",
            "OutOfMemoryError",
        ) and self.message.startswith("not run: ")

    @property
    def is_loading(self) -> bool:
        is_exit = self.error_type == "SystemExit" and self.message.endswith(
            " while loading"
        )
        return is_exit or self.error_type == "LoadingError"


@dataclass
class Answer:
    """Results in the order of the list, `None` where an item failed, and which did."""

    results: list[Any]
    failures: dict[int, Failure]
    total_seconds: float
    """From its arrival at the server to its answer."""
    work_seconds: float
    """In the algorithm's code, of all workers together."""
    size: int
    """In bytes."""
    clamped_to: float
    """The timeout that the server allows at most; infinite if it was not told."""

    def is_over_at(self, timeout: float) -> bool:
        """Whether the list was ended for its own time."""
        return self.total_seconds >= 0.98 * min(timeout, self.clamped_to)


def read_answer(data: bytes, count: int, parse_float: Callable[[str], Any]) -> Answer:
    """
    :param count: of the items that were sent
    :param parse_float: makes what of a number with a fraction
    :raises Refused: the algorithm does not load, or this is no answer to a list
    :raises ListFailed: the list has an error as a whole
    """
    try:
        envelope = json.loads(data, parse_float=parse_float)
    except (ValueError, RecursionError) as error:
        if data.startswith(b'{"result":'):
            raise ListFailed(f"the result cannot be read: {error}") from error
        raise _stranger(data, error) from error
    try:
        if "error" in envelope:
            error = envelope["error"]
            failure = Failure(str(error.get("message")), str(error.get("error_type")))
            if failure.is_loading:
                raise Refused(f"the algorithm cannot be loaded: {failure.message}")
            raise ListFailed(failure.message)
        results, metadata = envelope["result"], envelope["metadata"]
        failures = {
            error["index"]: Failure(str(error["message"]), str(error["error_type"]))
            for error in metadata.get("errors", ())
        }
        if metadata["items"]["total"] != count or len(results) != count:
            raise ValueError(f"{len(results)} results for {count} items")
        timing = metadata["timing"]
        alerts = metadata.get("alerts", ())
        clamps = [
            float(alert[len(_CLAMPED) :])
            for alert in alerts
            if alert.startswith(_CLAMPED)
        ]
        total, work = float(timing["total"]), float(timing["running"])
        answer = Answer(
            results, failures, total, work, len(data), min(clamps, default=inf)
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise _stranger(data, error) from error
    for failure in failures.values():
        if failure.is_loading:
            raise Refused(f"the algorithm cannot be loaded: {failure.message}")
    return answer


def _stranger(data: bytes, error: Exception) -> Refused:
    shown = data[:200].decode("utf-8", "replace")
    return Refused(
        f"no answer of an applyd server: {type(error).__name__}: {error}, in {shown}"
    )
