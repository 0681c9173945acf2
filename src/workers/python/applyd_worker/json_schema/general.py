"""Rules of any value: of other schemas that it must fit, and of the values that it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .rules import Error, Makers, Rule, first_error, fits
from .values import freeze

if TYPE_CHECKING:
    from .compiler import Compiler


def reference(ref: str, schema: dict[str, Any], compiler: Compiler) -> Rule:
    rules = compiler.rules(compiler.document.target(schema))

    def rule(value: Any) -> Error | None:
        for test in rules[type(value)]:
            error = test(value)
            if error is not None:
                return error
        return None

    return rule


def const(constant: Any, schema: Any, compiler: Compiler) -> Rule:
    frozen = freeze(constant)
    error = ("", "must be equal to constant")
    return lambda value: None if freeze(value) == frozen else error


def enum(values: list[Any], schema: Any, compiler: Compiler) -> Rule:
    allowed = frozenset(map(freeze, values))
    error = ("", "must be equal to one of the allowed values")
    return lambda value: None if freeze(value) in allowed else error


def not_(part: Any, schema: Any, compiler: Compiler) -> Rule:
    rules = compiler.choice().rules(part)
    error = ("", "must NOT be valid")
    return lambda value: error if fits(rules, value) else None


def any_of(schemas: list[Any], schema: Any, compiler: Compiler) -> Rule:
    every = [compiler.choice().rules(part) for part in schemas]

    def rule(value: Any) -> Error | None:
        first = None
        for rules in every:
            error = first_error(rules, value)
            if error is None:
                return None
            first = first or error
        return first

    return rule


def one_of(schemas: list[Any], schema: Any, compiler: Compiler) -> Rule:
    every = [compiler.choice().rules(part) for part in schemas]

    def rule(value: Any) -> Error | None:
        first = None
        found = 0
        for rules in every:
            error = first_error(rules, value)
            first = first or error
            found += error is None
            if found > 1:
                break
        if found == 1:
            return None
        return first or ("", "must match exactly one schema in oneOf")

    return rule


def all_of(schemas: list[Any], schema: Any, compiler: Compiler) -> Rule:
    every = [compiler.rules(part) for part in schemas]

    def rule(value: Any) -> Error | None:
        for rules in every:
            error = first_error(rules, value)
            if error is not None:
                return error
        return None

    return rule


def if_(part: Any, schema: dict[str, Any], compiler: Compiler) -> Rule:
    condition = compiler.choice().rules(part)
    then = compiler.rules(schema.get("then", True))
    otherwise = compiler.rules(schema.get("else", True))
    return lambda value: first_error(
        then if fits(condition, value) else otherwise, value
    )


GENERAL: Makers = {
    "$ref": reference,
    "const": const,
    "enum": enum,
    "not": not_,
    "anyOf": any_of,
    "oneOf": one_of,
    "allOf": all_of,
    "if": if_,
}
