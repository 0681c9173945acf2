"""Rules of numbers and strings."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .pattern import compile_pattern
from .rules import Maker, Makers, Rule
from .values import number_text

if TYPE_CHECKING:
    from .compiler import Compiler


def bound(fits: Callable[[Any, Any], bool], sign: str) -> Maker:
    def make(limit: float, schema: Any, compiler: Compiler) -> Rule:
        error = ("", f"must be {sign} {number_text(limit)}")
        return lambda value: None if fits(value, limit) else error

    return make


def length(fits: Callable[[Any, Any], bool], more: str, things: str) -> Maker:
    """A bound of how many things there are in a string, an array or an object."""

    def make(limit: float, schema: Any, compiler: Compiler) -> Rule:
        error = ("", f"must NOT have {more} than {number_text(limit)} {things}")
        return lambda value: None if fits(len(value), limit) else error

    return make


def multiple_of(divisor: float, schema: Any, compiler: Compiler) -> Rule:
    error = ("", f"must be multiple of {number_text(divisor)}")

    def rule(value: float) -> Any:
        if isinstance(value, int) and isinstance(divisor, int):
            return error if value % divisor else None
        try:
            return None if (value / divisor).is_integer() else error
        except OverflowError:  # a whole number above all floats
            return error

    return rule


def pattern(source: str, schema: dict[str, Any], compiler: Compiler) -> Rule:
    search = compile_pattern(
        source, f"{compiler.document.pointer(schema)}/pattern"
    ).search
    error = ("", f'must match pattern "{source}"')
    return lambda value: None if search(value) else error


NUMBER: Makers = {
    "maximum": bound(operator.le, "<="),
    "minimum": bound(operator.ge, ">="),
    "exclusiveMaximum": bound(operator.lt, "<"),
    "exclusiveMinimum": bound(operator.gt, ">"),
    "multipleOf": multiple_of,
    "format": None,
}

STRING: Makers = {
    "maxLength": length(operator.le, "more", "characters"),
    "minLength": length(operator.ge, "fewer", "characters"),
    "pattern": pattern,
    "format": None,
}
