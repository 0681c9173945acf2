"""The answer as its caller reads it, written beside the author's code so that the server only moves bytes."""

from __future__ import annotations

import json
from typing import Any

from .errors import describe
from .frames import (
    BARE,
    CONTENT_TYPES,
    ERROR,
    REFUSED,
    RESULT,
    SOURCE,
    STDOUT,
    Call,
    Slice,
    outcome_frame,
)
from .input import RefusedInput
from .output import Printed
from .result import TEXT_TYPE, check_size, write_result


def result_frame(
    call: Call,
    given: Any,
    value: Any,
    run_ms: float,
    max_bytes: int,
    printed: Printed | None,
) -> bytes:
    """
    An OUTCOME frame (api-contract §3.5, §3.6).

    Raises TypedError: the value is no JSON, or larger than the limit.
    """
    is_bare = call.wants & BARE != 0
    content_type, written = write_result(value, is_bare, given, call.body)
    check_size(written, max_bytes)
    if not is_bare:
        metadata = _metadata(call, run_ms, printed)
        written = b'{"result":%b,"metadata":{"content_type":"%b",%b}}' % (
            written,
            _NAMES[content_type],
            metadata,
        )
    return outcome_frame(call.id, RESULT, content_type, run_ms, "", written)


def error_frame(
    call: Call, error: BaseException, run_ms: float, printed: Printed | None
) -> bytes:
    """An OUTCOME frame (api-contract §3.8 a)."""
    message, error_type, traceback = describe(error)
    members = {"message": message, "error_type": error_type}
    if traceback and call.wants & SOURCE:
        members.update(stacktrace=traceback, stack_trace=traceback)
    body = b'{"error":%b,"metadata":{%b}}' % (
        json.dumps(members).encode(),
        _metadata(call, run_ms, printed),
    )
    return outcome_frame(call.id, ERROR, 0, run_ms, error_type, body)


def failure_frame(
    call: Call, error: BaseException, run_ms: float, printed: Printed | None
) -> bytes:
    """The OUTCOME frame of a call that has no result: its body was refused, or it failed."""
    if isinstance(error, RefusedInput):
        return refused_frame(call, str(error))
    frame = error_frame(call, error, run_ms, printed)
    error.__traceback__ = None  # it would keep the input alive for a while
    return frame


def slice_frame(slice: Slice, run_ms: float, printed: str) -> bytes:
    """The OUTCOME frame that ends a slice."""
    return outcome_frame(slice.id, RESULT, TEXT_TYPE, run_ms, "", printed.encode())


def refused_frame(call: Call | Slice, reason: str) -> bytes:
    """An OUTCOME frame (api-contract §3.8 b)."""
    return outcome_frame(call.id, REFUSED, 0, 0, "", reason.encode(errors="replace"))


_NAMES = [name.encode() for name in CONTENT_TYPES]


def _metadata(call: Call, run_ms: float, printed: Printed | None) -> bytes:
    # Clients want a number above zero, in seconds; whole nanoseconds are as fine as the clock.
    text = f'"duration":{max(run_ms / 1000, 1e-9):.9f},"request_id":"{call.request_id}"'
    if call.wants & STDOUT and printed is not None:
        text += f',"stdout":{json.dumps(printed.text)}'
        if printed.omitted:
            text += f',"alerts":["stdout truncated: {printed.omitted} bytes omitted"]'
    return text.encode()
