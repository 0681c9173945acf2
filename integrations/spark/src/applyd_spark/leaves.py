"""What a JSON value must be to become a value of a simple Spark type."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Callable

_LARGEST_FLOAT = 3.4028234663852886e38
_NUMBER = (int, float, Decimal)
_HALF = re.compile("[\ud800-\udfff]")
_ROOM = Context(prec=80)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?"
)


class Misfit(Exception):
    """A value that does not fit its type."""

    def __init__(self, expected: str, value: Any, where: str = "") -> None:
        super().__init__(expected, value, where)
        self.expected = expected
        self.value = value
        self.where = where


def json_text(value: Any) -> str:
    written = _encode(value)
    return written if is_unicode(written) else _encode_ascii(value)


def json_texts(values: list[Any]) -> list[str] | None:
    """The same for texts, if there is nothing else."""
    return list(map(_quote, values)) if set(map(type, values)) <= {str} else None


_quote = json.encoder.encode_basestring
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(separators=(",", ":")).encode


def text(value: Any) -> str:
    if isinstance(value, str):
        return unicode(value)
    raise Misfit("string", value)


def is_unicode(value: str) -> bool:
    """Not so if it holds half a character, which JSON can and Spark cannot."""
    try:
        value.encode()
        return True
    except UnicodeEncodeError:
        return False


def unicode(value: str) -> str:
    """The text with U+FFFD in the place of half a character."""
    return value if is_unicode(value) else _HALF.sub("\ufffd", value)


def boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Misfit("boolean", value)


def _is_number(value: Any) -> bool:
    return isinstance(value, _NUMBER) and not isinstance(value, bool)


def integer(name: str, bits: int) -> Callable[[Any], int]:
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def take(value: Any) -> int:
        # Python and JavaScript write the same whole number as 3.0 and 3.
        if _is_number(value) and value == value // 1 and least <= value <= most:
            return int(value)
        raise Misfit(f"{name}, a whole number from {least} to {most}", value)

    return take


def double(value: Any) -> float:
    if _is_number(value):
        try:
            return float(value)
        except OverflowError:
            pass
    raise Misfit("double, a number", value)


def single(value: Any) -> float:
    if _is_number(value) and abs(value) <= _LARGEST_FLOAT:
        return float(value)
    raise Misfit("float, a number", value)


def decimal(precision: int, scale: int) -> Callable[[Any], Decimal]:
    unit = Decimal(1).scaleb(-scale)
    bound = Decimal(10) ** (precision - scale)

    def take(value: Any) -> Decimal:
        if _is_number(value) or isinstance(value, str):
            try:
                rounded = Decimal(value).quantize(unit, ROUND_HALF_UP, _ROOM)
                if abs(rounded) < bound:
                    return rounded
            except InvalidOperation:
                pass
        raise Misfit(f"decimal({precision},{scale}), a number or its text", value)

    return take


def binary(value: Any) -> bytes:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            pass
    raise Misfit("binary, as base64", value)


def day(value: Any) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Misfit("date, such as 2024-02-29", value)


def instant(value: Any) -> datetime:
    moment, offset = _time(value)
    if moment is None or offset is None:
        raise Misfit(
            "timestamp, such as 2024-02-29T12:30:00Z, with Z or an offset", value
        )
    try:
        return (moment - offset).replace(tzinfo=timezone.utc)
    except OverflowError:
        raise Misfit("timestamp of the years 1 to 9999", value) from None


def local_time(value: Any) -> datetime:
    moment, offset = _time(value)
    if moment is None or offset is not None:
        raise Misfit(
            "timestamp_ntz, such as 2024-02-29T12:30:00, without an offset", value
        )
    return moment


def _time(value: Any) -> tuple[datetime | None, timedelta | None]:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None, None
    day_text, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day_text}T{clock}")
    except ValueError:
        return None, None
    moment = moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]))
    return moment, None if zone is None else _offset(zone)


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -ahead if zone[0] == "-" else ahead
