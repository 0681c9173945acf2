"""Rows of Spark as inputs of an algorithm: each becomes a JSON text."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, timezone
from decimal import Decimal
from math import isnan
from typing import Any, Callable, Optional

import pyarrow as pa

_text = json.encoder.encode_basestring


Inputs = tuple[list[Optional[bytes]], dict[int, str]]
"""
Rows: the JSON of each, `None` for one that is not sent; of these, by their place, why not. A row that is null is not
sent either, and has no reason.
"""


def inputs_of(array: pa.Array) -> Inputs:
    """The rows of a column."""
    values = array.to_pylist()
    if _has_map(array.type):
        values = list(map(_without_maps(array.type), values))
    return written(values)


def written(values: list[Any]) -> Inputs:
    """The same of Python's values."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return [_text(value).encode() for value in values], {}
    if kinds <= {int}:
        return [str(value).encode() for value in values], {}
    inputs: list[bytes | None] = []
    faults: dict[int, str] = {}
    for index, value in enumerate(values):
        try:
            inputs.append(None if value is None else _encode(value).encode())
        except (TypeError, ValueError) as error:
            inputs.append(None)
            faults[index] = f"not sent: {error}"
    return inputs, faults


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        # As every reader of JSON would take its digits.
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "tolist"):  # numpy's, in pandas, for which NaN is null
        items = value.tolist()
        return list(map(_or_null, items)) if isinstance(items, list) else items
    raise TypeError(
        f"JSON has no word for a {type(value).__name__}; cast it to a string"
    )


def _or_null(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value


class _Encoder(json.JSONEncoder):
    def encode(self, value: Any) -> str:
        try:
            return super().encode(value)
        except ValueError as error:
            raise ValueError(
                f"{error}; JSON has no NaN and no infinity, make it null with nanvl(…, null)"
            ) from error


_encode = _Encoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
).encode


def _children(kind: pa.DataType) -> list[pa.DataType]:
    return (
        [kind.field(index).type for index in range(kind.num_fields)]
        if pa.types.is_nested(kind)
        else []
    )


def _has_map(kind: pa.DataType) -> bool:
    return pa.types.is_map(kind) or any(map(_has_map, _children(kind)))


def _without_maps(kind: pa.DataType) -> Callable[[Any], Any]:
    """Turns maps, which pyarrow gives as lists of pairs, into objects."""
    if not _has_map(kind):
        return lambda value: value
    inner = [_without_maps(child) for child in _children(kind)]

    def plain(value: Any) -> Any:
        if value is None:
            return None
        if pa.types.is_map(kind):
            return {_name(key): item(each) for key, each in value}
        if pa.types.is_struct(kind):
            return {name: of(each) for of, (name, each) in zip(inner, value.items())}
        return [item(each) for each in value]

    item = _without_maps(kind.item_type) if pa.types.is_map(kind) else inner[0]
    return plain


def _name(key: Any) -> str:
    if isinstance(key, str):
        return key
    plain = key if isinstance(key, (bool, int, float)) else _plain(key)
    return plain if isinstance(plain, str) else json.dumps(plain)
