"""Rows of Spark as inputs of an algorithm: each becomes a JSON text."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, Callable

import pyarrow as pa

_text = json.encoder.encode_basestring


def inputs_of(array: pa.Array) -> tuple[list[bytes | None], dict[int, str]]:
    """
    :returns: the JSON of each row, `None` for one that is not sent; of these, by their place, why not. A row that is
        null is not sent either, and has no reason.
    """
    values = array.to_pylist()
    kinds = set(map(type, values))
    if kinds <= {str}:
        return [_text(value).encode() for value in values], {}
    if kinds <= {int}:
        return [str(value).encode() for value in values], {}
    if _has_map(array.type):
        plain = _without_maps(array.type)
        values = [plain(value) for value in values]
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
    raise TypeError(
        f"JSON has no word for a {type(value).__name__}; cast it to a string"
    )


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
    if pa.types.is_map(kind):
        item = _without_maps(kind.item_type)
        return lambda pairs: pairs and {_name(key): item(value) for key, value in pairs}
    if pa.types.is_struct(kind):
        members = {
            kind.field(index).name: _without_maps(kind.field(index).type)
            for index in range(kind.num_fields)
        }
        return lambda value: (
            value and {name: plain(value[name]) for name, plain in members.items()}
        )
    element = _without_maps(kind.value_type)
    return lambda values: values and [element(value) for value in values]


def _name(key: Any) -> str:
    if isinstance(key, str):
        return key
    plain = key if isinstance(key, (bool, int, float)) else _plain(key)
    return plain if isinstance(plain, str) else json.dumps(plain)
