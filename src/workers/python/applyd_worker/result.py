"""From what `apply` returned to the bytes of a result (interface §3, api-contract §3.5)."""

from __future__ import annotations

import binascii
import json
import math
import sys
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple

from .errors import TypedError
from .plain import plain

JSON_TYPE, TEXT_TYPE, BINARY_TYPE = range(3)


class Result(NamedTuple):
    """`content_type` is an index into CONTENT_TYPES; `written` is JSON, unless it is bare."""

    content_type: int
    written: bytes


def write_result(value: Any, is_bare: bool, given: Any, body: memoryview) -> Result:
    """
    `is_bare` says whether text and bytes are written as they are; `given` is the input that `body` became.

    Raises TypedError: the value is no JSON, and where.
    """
    if isinstance(value, str):
        return Result(TEXT_TYPE, _utf8(value) if is_bare else json_text(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Result(BINARY_TYPE, bytes(value) if is_bare else _base64(value))
    written = write_item(value)
    if value is given and isinstance(value, (list, dict, int, float)):
        written = _original(body, written)
    return Result(JSON_TYPE, written)


def write_item(value: Any) -> bytes:
    """
    As JSON, as in an envelope.

    Raises TypedError: the value is no JSON, and where.
    """
    try:
        return json_text(value)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return _base64(value)
        raise _no_json(value, error) from None


def check_size(written: bytes, max_bytes: int) -> None:
    """Raises TypedError: a result is larger than the limit."""
    if len(written) > max_bytes:
        raise TypedError(
            "TooLargeError",
            f"the result is {len(written)} bytes, more than the limit of {max_bytes} bytes; "
            "return less, or store it as data and return its address",
        )


def _base64(data: bytes | bytearray | memoryview) -> bytes:
    return b'"' + binascii.b2a_base64(bytes(data), newline=False) + b'"'


def _encoder() -> Callable[[Any], str]:
    """As JSONEncoder.encode is; that one makes a new encoder for each value, which takes longer than most values."""
    encoder = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain
    )
    above: dict[int, Any] = {}
    try:
        chunks = json.encoder.c_make_encoder(
            above,
            plain,
            json.encoder.encode_basestring,
            None,
            ":",
            ",",
            False,
            False,
            False,
        )
    except TypeError:  # there is none, or it is no longer made so
        return encoder.encode

    def encode(value: Any) -> str:
        try:
            return "".join(chunks(value, 0))
        except BaseException:
            above.clear()  # where it was interrupted would look like a cycle later
            raise

    return encode


_encode = _encoder()
_encode_ascii = json.JSONEncoder(
    allow_nan=False, separators=(",", ":"), default=plain
).encode


def json_text(value: Any) -> bytes:
    """Raises TypeError, ValueError, RecursionError or OverflowError: it is no JSON."""
    text = _encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can say
        return _encode_ascii(value).encode()


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair becomes U+FFFD
        halves = text.encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace").encode()


def _no_json(value: Any, error: Exception) -> TypedError:
    return TypedError(
        "AlgorithmError",
        f"the result cannot be written as JSON: {_reason(value, error)}",
    )


def _reason(value: Any, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    try:
        found = next(_faults(value, "", ()), None)
    except Exception:
        found = None
    return found or str(error)


def _faults(value: Any, pointer: str, above: tuple[int, ...]) -> Iterator[str]:
    """What JSON cannot say, with the JSON pointer of the place."""
    where = f"at {pointer or 'its top'}"
    if value is None or isinstance(value, str):
        return
    if isinstance(value, int):
        try:
            int.__repr__(value)
        except ValueError:  # Python's own bound on the time that this takes
            digits = sys.get_int_max_str_digits()
            yield f"an integer of more than {digits} digits {where}"
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            yield f"{_name(value)} {where}"
        return
    if id(value) in above:
        yield f"a cycle {where}"
    elif isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, (str, int, float)) and key is not None:
                yield f"a key that is a {type(key).__name__} {where}"
            if isinstance(key, float) and not math.isfinite(key):
                yield f"a key that is {_name(key)} {where}"
            step = str(key).replace("~", "~0").replace("/", "~1")
            yield from _faults(member, f"{pointer}/{step}", (*above, id(value)))
    elif isinstance(value, (list, tuple)):
        for index, member in enumerate(value):
            yield from _faults(member, f"{pointer}/{index}", (*above, id(value)))
    else:
        try:
            inside = plain(value)
        except TypeError as error:
            yield f"{error} {where}"
        else:
            yield from _faults(inside, pointer, above)


def _name(value: float) -> str:
    """As JavaScript calls what is no finite number."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _original(body: memoryview, written: bytes) -> bytes:
    """
    An input that comes back as it came keeps its own spelling, `1.10` and an exponent, provided that the author
    did not change it on the way (api-contract §3.4).
    """
    received = bytes(body).removeprefix(b"\xef\xbb\xbf").strip()
    if received == written or not received:
        return written
    is_same = json_text(json.loads(received)) == written
    return received.replace(b"\r", b" ").replace(b"\n", b" ") if is_same else written
