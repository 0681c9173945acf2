"""From a slice's bytes to its inputs (protocol/README.md)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Callable

from .errors import TypedError
from .frames import LIST, PARTS, TEXT, Slice, read_parts
from .input import RefusedInput, decode_json, read_input, scan_json


def read_items(slice: Slice) -> Iterable[Any]:
    """
    Returns the inputs in their order; a TypedError stands for a line or a part that is none. Those are read as they are
    asked for.

    Raises RefusedInput: a list that is no JSON, or not as many items as were said.
    """
    if slice.form == LIST:
        items = _read_list(slice)
    elif slice.form == PARTS:
        items = read_parts(slice.body)
    else:
        items = bytes(slice.body).split(b"\n") if slice.body else []
    if len(items) != slice.count:
        raise RefusedInput(
            f"Failed to parse input, input was not valid JSON: {_place(slice)} are {len(items)} values"
        )
    if slice.form == LIST:
        return items
    return map(_reader_of(slice), items)


def _reader_of(slice: Slice) -> Callable[[Any], Any]:
    if slice.form == PARTS:
        return partial(_read_part, slice.input_kind)
    return _read_text if slice.input_kind == TEXT else _read_json


def _read_part(input_kind: int, part: memoryview) -> Any:
    try:
        return read_input(input_kind, part)
    except RefusedInput as error:
        return TypedError("ParsingError", str(error))


def _read_list(slice: Slice) -> list[Any]:
    try:
        return decode_json(f"[{str(slice.body, 'utf-8', 'replace')}]")
    except (ValueError, RecursionError) as error:
        raise RefusedInput(
            f"Failed to parse input, input was not valid JSON: {_reason(error)} in {_place(slice)}"
        ) from None


def _place(slice: Slice) -> str:
    return f"items {slice.first_index} to {slice.first_index + slice.count - 1} of the list"


def _read_json(line: bytes) -> Any:
    try:
        text = line.removesuffix(b"\r").decode()
        try:
            value, end = scan_json(text)
            if end == len(text):
                return value
        except ValueError:
            pass
        return decode_json(text.removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        return _not_utf8(error)
    except (ValueError, RecursionError) as error:
        return TypedError(
            "ParsingError", f"the line is not valid JSON: {_reason(error)}"
        )


def _read_text(line: bytes) -> Any:
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError as error:
        return _not_utf8(error)


def _not_utf8(error: UnicodeDecodeError) -> TypedError:
    return TypedError(
        "ParsingError",
        f"the line is not valid UTF-8: {error.reason} at byte {error.start + 1}",
    )


def _reason(error: Exception) -> str:
    """Without its place, which a JSONDecodeError counts from where no caller does."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return getattr(error, "msg", None) or str(error)
