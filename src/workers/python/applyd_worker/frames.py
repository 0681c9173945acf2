"""The bytes between the server and its workers; ../../../protocol/README.md has the whole story."""

from __future__ import annotations

import json
from struct import Struct, pack
from typing import Any, NamedTuple

PROTOCOL = 3

HELLO, OPEN, END, RECALL, RECALLED, ENDED, READY, FAILED = range(1, 9)
CALLS, CANCEL, OUTCOME, OUTPUT = range(9, 13)
SLICE, OUTCOMES, REST, BATCH, APART = range(16, 21)

# How the bytes of a call's body become its input.
JSON, TEXT, BINARY, BASE64, UNTYPED, MESSAGE = range(6)

# What the caller is to see, one bit each.
BARE, STDOUT, SOURCE = 1, 2, 4

# How the items of a slice stand in its bytes.
LIST, LINES, PARTS = range(3)

# What is to be done with the items of a slice, one bit each.
SINGLY, AS_LINES, ECHO_ID = 1, 2, 4

# How a call ended.
RESULT, ERROR, REFUSED = range(3)

CONTENT_TYPES = ("json", "text", "binary", "void")

HEAD = Struct("<IB")  # length of the payload, kind
_COUNT = Struct("<H")
_CALL = Struct("<IBBdHHI")  # id, input kind, wants, remaining ms, three lengths
_OUTCOME = Struct(
    "<IBIBBdB"
)  # head; id, status, content type, run ms, length of the error type
_OUTCOME_BYTES = _OUTCOME.size - HEAD.size
_SLICE = Struct("<IIBBd")  # first index, count, form, flags, an item's time
_PART = Struct("<I")  # length
_OUTCOMES = Struct("<IIId")  # call, offset, count, run ms
_LANE = Struct("<I")


class Call(NamedTuple):
    """One call, as it travels."""

    id: int
    input_kind: int
    wants: int
    request_id: str
    body: memoryview


class Slice(NamedTuple):
    """Consecutive items of a list or stream, as they travel: a call whose body is the items."""

    id: int
    input_kind: int
    wants: int
    request_id: str
    body: memoryview
    first_index: int
    count: int
    form: int
    flags: int


def json_frame(kind: int, message: dict[str, Any]) -> bytes:
    """A frame whose payload is JSON."""
    payload = json.dumps(message).encode()
    return HEAD.pack(len(payload), kind) + payload


def outcome_frame(
    call: int,
    status: int,
    content_type: int,
    run_ms: float,
    error_type: str,
    body: bytes,
) -> bytes:
    """The frame of an outcome; `content_type` is an index into CONTENT_TYPES."""
    name = error_type.encode("latin-1", "replace")[:255]
    size = _OUTCOME_BYTES + len(name) + len(body)
    head = _OUTCOME.pack(size, OUTCOME, call, status, content_type, run_ms, len(name))
    return b"".join((head, name, body))


def read_calls(payload: memoryview) -> list[Call]:
    """The calls of a CALLS or BATCH frame; their bodies are views of the payload."""
    calls = []
    at = _COUNT.size
    for _ in range(_COUNT.unpack_from(payload)[0]):
        call, kind, wants, _, request_length, account_length, length = (
            _CALL.unpack_from(payload, at)
        )
        at += _CALL.size
        request_id = str(payload[at : at + request_length], "latin-1")
        at += request_length + account_length
        calls.append(Call(call, kind, wants, request_id, payload[at : at + length]))
        at += length
    return calls


def read_slice(payload: memoryview) -> Slice:
    """The slice of a SLICE frame; its body is a view of the payload."""
    call, kind, wants, _, request_length, account_length, _ = _CALL.unpack_from(payload)
    account_at = _CALL.size + request_length
    request_id = str(payload[_CALL.size : account_at], "latin-1")
    at = account_at + account_length
    first_index, count, form, flags, _ = _SLICE.unpack_from(payload, at)
    body = payload[at + _SLICE.size :]
    return Slice(call, kind, wants, request_id, body, first_index, count, form, flags)


def read_parts(body: memoryview) -> list[memoryview]:
    """The items of a slice of form PARTS, as views."""
    parts = []
    at = 0
    while at < len(body):
        start = at + _PART.size
        at = start + _PART.unpack_from(body, at)[0]
        parts.append(body[start:at])
    return parts


def outcomes_frame(
    call: int,
    offset: int,
    run_ms: float,
    lengths: list[int],
    texts: bytes,
    lane: int | None = None,
) -> bytes:
    """
    Outcomes of consecutive items of a slice, the first of which is at `offset`: an OUTCOMES frame, or with a lane a
    REST frame about that. `lengths` are in bytes, times two, plus one if the item failed.
    """
    about = b"" if lane is None else _LANE.pack(lane)
    body = b"".join(
        (
            about,
            _OUTCOMES.pack(call, offset, len(lengths), run_ms),
            pack(f"<{len(lengths)}I", *lengths),
            texts,
        )
    )
    return HEAD.pack(len(body), OUTCOMES if lane is None else REST) + body
