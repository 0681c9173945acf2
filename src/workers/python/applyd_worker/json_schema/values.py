"""Values as JSON and JavaScript see them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def freeze(value: Any) -> Any:
    """Something hashable, the same for two values exactly if they are equal as JSON: 1 is 1.0, but not true."""
    cls = type(value)
    if cls is str or cls is int or cls is float or value is None:
        return value
    if cls is bool:
        return ("boolean", value)
    if isinstance(value, dict):
        return frozenset((name, freeze(item)) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ("array", *map(freeze, value))
    if isinstance(value, (str, int, float)):
        return value
    return ("nothing of JSON", id(value))


def number_text(number: float) -> str:
    """The number as JavaScript writes it: 1 for 1.0, 1e+21, 1e-7."""
    try:
        shortest = repr(float(number) + 0.0)  # -0.0 is written 0
    except OverflowError:
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        plain = f"{Decimal(shortest):f}"
        return plain.removesuffix(".0")
    return re.sub(r"e([+-])0", r"e\1", shortest).replace("inf", "Infinity")
