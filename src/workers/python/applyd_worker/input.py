"""From a call's bytes to the input that `apply` sees (api-contract §3.4)."""

from __future__ import annotations

import binascii
import json
import re
from typing import Any, NoReturn

from . import frames


class RefusedInput(Exception):
    """The body is not what its Content-Type claims: the call is refused before `apply` (api-contract §3.8 b)."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
decode_json = _decoder.decode
"""Raises ValueError or RecursionError."""
scan_json = _decoder.raw_decode
"""Of what may begin with a value, that and where it ends; there is no white space before it. Raises as well."""


def read_input(kind: int, body: memoryview) -> Any:
    """
    Returns the JSON value, a text, or bytes.

    Raises RefusedInput.
    """
    if kind == frames.JSON or kind == frames.UNTYPED:
        if not body:
            return None
        text = str(body, "utf-8", "replace")
        try:
            return decode_json(text[1:] if text[0] == "\ufeff" else text)
        except (ValueError, RecursionError) as error:
            if kind == frames.UNTYPED:
                raise RefusedInput(
                    "missing Content-Type: a body without one must be valid JSON"
                ) from None
            raise RefusedInput(
                f"Failed to parse input, input was not valid JSON: {error}"
            ) from None
    if kind == frames.TEXT:
        return str(body, "utf-8", "replace")
    if kind == frames.BASE64:
        return _read_base64(body)
    if kind == frames.MESSAGE:
        return _read_message(body)
    return bytes(body)


def _read_message(body: memoryview) -> Any:
    """JSON, else text, else bytes."""
    try:
        text = str(body, "utf-8")
    except UnicodeDecodeError:
        return bytes(body)
    try:
        return decode_json(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return text


def _read_base64(body: memoryview) -> bytes:
    text = b"".join(bytes(body).split())
    digits = text.rstrip(b"=")
    if not _BASE64.fullmatch(text) or len(digits) % 4 == 1:
        raise RefusedInput(
            "Failed to parse input, Content-Encoding is base64 and the body is not"
        )
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
