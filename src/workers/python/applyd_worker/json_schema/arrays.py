"""Rules of arrays."""

from __future__ import annotations

import operator
from itertools import islice
from typing import TYPE_CHECKING, Any

from .rules import Error, Makers, Rule, first_error
from .scalars import length
from .unevaluated import unevaluated_items
from .values import freeze, number_text

if TYPE_CHECKING:
    from .compiler import Compiler


def prefix_items(schemas: list[Any], schema: Any, compiler: Compiler) -> Rule:
    every = [compiler.rules(part) for part in schemas]

    def rule(values: list[Any]) -> Error | None:
        for index, (rules, value) in enumerate(zip(every, values)):
            error = first_error(rules, value)
            if error is not None:
                return (f"/{index}{error[0]}", error[1])
        return None

    return rule


def items(part: Any, schema: dict[str, Any], compiler: Compiler) -> Rule:
    start = len(schema.get("prefixItems", ()))
    if part is False and start > 0:
        error = ("", f"must NOT have more than {start} items")
        return lambda values: None if len(values) <= start else error
    rules = compiler.rules(part)

    def rule(values: list[Any]) -> Error | None:
        if not any(rules[cls] for cls in set(map(type, values))):
            return None  # only the types counted, which is quick to see
        for index, value in enumerate(islice(values, start, None), start):
            for test in rules[type(value)]:
                error = test(value)
                if error is not None:
                    return (f"/{index}{error[0]}", error[1])
        return None

    return rule


def contains(part: Any, schema: dict[str, Any], compiler: Compiler) -> Rule | None:
    least = schema.get("minContains", 1)
    most = schema.get("maxContains")
    if least == 0 and most is None:
        return None
    limits = f"at least {number_text(least)}"
    if most is not None:
        limits += f" and no more than {number_text(most)}"
    none = ("", f"must contain {limits} valid item(s)")
    if most is not None and least > most:
        return lambda values: none
    rules = compiler.choice().rules(part)

    def rule(values: list[Any]) -> Error | None:
        found = 0
        first = None
        for index, value in enumerate(values):
            error = first_error(rules, value)
            if error is not None:
                first = first or (f"/{index}{error[0]}", error[1])
                continue
            found += 1
            if most is None and found >= least:
                return None
            if most is not None and found > most:
                break
        if found >= least and (most is None or found <= most):
            return None
        return first if first and compiler.in_choice else none

    return rule


def unique_items(
    wanted: bool, schema: dict[str, Any], compiler: Compiler
) -> Rule | None:
    if not wanted:
        return None
    part = schema.get("items")
    types = part.get("type", []) if isinstance(part, dict) else []
    kinds = {types} if isinstance(types, str) else set(types)
    # Where items are known to be scalar, Ajv names the last pair that it comes upon from the end.
    from_end = bool(kinds) and not kinds & {"array", "object"}

    def rule(values: list[Any]) -> Error | None:
        frozen = list(map(freeze, values))
        if len(set(frozen)) == len(frozen):
            return None
        seen: dict[Any, int] = {}
        pair = (0, 0)
        for index in reversed(range(len(frozen))) if from_end else range(len(frozen)):
            if frozen[index] in seen:
                pair = (seen[frozen[index]], index)
                if from_end:
                    break
            seen[frozen[index]] = index
        return (
            "",
            f"must NOT have duplicate items (items ## {pair[0]} and {pair[1]} are identical)",
        )

    return rule


ARRAY: Makers = {
    "maxItems": length(operator.le, "more", "items"),
    "minItems": length(operator.ge, "fewer", "items"),
    "prefixItems": prefix_items,
    "items": items,
    "contains": contains,
    "uniqueItems": unique_items,
    "maxContains": None,
    "minContains": None,
    "unevaluatedItems": unevaluated_items,
}
