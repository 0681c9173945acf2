"""What the value of each keyword must look like (the meta-schema of 2020-12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .values import is_number

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")

# Keywords that hold a schema, a list of them, or an object of them.
ONE = frozenset(
    [
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
LIST = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
NAMED = frozenset(
    [
        "$defs",
        "definitions",
        "dependencies",
        "dependentSchemas",
        "patternProperties",
        "properties",
    ]
)

Shape = tuple[str, Callable[[Any], bool]]


def is_whole(value: Any) -> bool:
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def is_list_of_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and len(set(value)) == len(value)
    )


def is_type(value: Any) -> bool:
    return value in TYPES if isinstance(value, str) else is_list_of_types(value)


def is_list_of_types(value: Any) -> bool:
    return is_list_of_names(value) and value != [] and set(value) <= set(TYPES)


def of(*classes: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, classes)


def matching(pattern: str) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, str) and re.fullmatch(pattern, value) is not None
    )


def dict_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


BOOLEAN: Shape = ("true or false", of(bool))
COUNT: Shape = ("a whole number from 0", lambda value: is_whole(value) and value >= 0)
NUMBER: Shape = ("a number", is_number)
STRING: Shape = ("a string", of(str))
ANCHOR: Shape = (
    "a name of letters, digits and -._ that starts with a letter or _",
    matching(r"[A-Za-z_][-A-Za-z0-9._]*"),
)

SHAPES: dict[str, Shape] = {
    **dict.fromkeys(
        ["deprecated", "nullable", "readOnly", "uniqueItems", "writeOnly"], BOOLEAN
    ),
    **dict.fromkeys(
        [
            "maxContains",
            "maxItems",
            "maxLength",
            "maxProperties",
            "minContains",
            "minItems",
            "minLength",
            "minProperties",
        ],
        COUNT,
    ),
    **dict.fromkeys(
        ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"], NUMBER
    ),
    **dict.fromkeys(
        [
            "$comment",
            "$ref",
            "$schema",
            "contentEncoding",
            "contentMediaType",
            "description",
            "format",
            "pattern",
            "title",
        ],
        STRING,
    ),
    **dict.fromkeys(("$anchor", "$dynamicAnchor"), ANCHOR),
    **dict.fromkeys(
        LIST,
        (
            "a list of at least one schema",
            lambda value: isinstance(value, list) and value != [],
        ),
    ),
    **dict.fromkeys(NAMED, ("an object of schemas", of(dict))),
    "$id": ("an address without a #", matching(r"[^#]*#?")),
    "$vocabulary": ("an object of true and false", dict_of(of(bool))),
    "dependentRequired": (
        "an object of lists of different strings",
        dict_of(is_list_of_names),
    ),
    "enum": (
        "a list of at least one value",
        lambda value: isinstance(value, list) and value != [],
    ),
    "examples": ("a list", of(list)),
    "multipleOf": ("a number above 0", lambda value: is_number(value) and value > 0),
    "required": ("a list of different strings", is_list_of_names),
    "type": (
        f"one of {', '.join(TYPES)}, or a list of different ones of them",
        is_type,
    ),
}
