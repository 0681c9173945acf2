"""
What other keywords have left: these two look again at what applied to the value. Slow, and rarely used.
Ajv takes all items for evaluated where there is a `contains`; here, as 2020-12 says, those that it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .pattern import compile_patterns
from .rules import Error, Rule, escape, first_error, fits

if TYPE_CHECKING:
    from .compiler import Compiler

Schema = dict[str, Any]
Own = Callable[[Schema, Any, "Compiler"], set[Any]]


def unevaluated_properties(part: Any, schema: Schema, compiler: Compiler) -> Rule:
    rules = compiler.rules(part)

    def rule(value: dict[str, Any]) -> Error | None:
        left = everything(value) - evaluated(
            "unevaluatedProperties", names, schema, value, compiler
        )
        for name, item in value.items():
            if name in left:
                error = first_error(rules, item)
                if error is not None and part is False:
                    return ("", "must NOT have unevaluated properties")
                if error is not None:
                    return (f"/{escape(name)}{error[0]}", error[1])
        return None

    return rule


def unevaluated_items(part: Any, schema: Schema, compiler: Compiler) -> Rule:
    rules = compiler.rules(part)

    def rule(values: list[Any]) -> Error | None:
        left = everything(values) - evaluated(
            "unevaluatedItems", indexes, schema, values, compiler
        )
        for index in sorted(left):
            error = first_error(rules, values[index])
            if error is not None and part is False:
                return ("", f"must NOT have more than {index} items")
            if error is not None:
                return (f"/{index}{error[0]}", error[1])
        return None

    return rule


def evaluated(
    keyword: str, own: Own, schema: Schema, value: Any, compiler: Compiler
) -> set[Any]:
    """What the schema's own keywords have evaluated, and those of all schemas that it applied to the same value."""
    found = own(schema, value, compiler)
    for part in applied(schema, value, compiler):
        if isinstance(part, dict):
            found |= (
                everything(value)
                if keyword in part
                else evaluated(keyword, own, part, value, compiler)
            )
    return found


def everything(value: Any) -> set[Any]:
    return set(value) if isinstance(value, dict) else set(range(len(value)))


def applied(schema: Schema, value: Any, compiler: Compiler) -> Iterator[Any]:
    if "$ref" in schema:
        yield compiler.document.target(schema)
    yield from schema.get("allOf", ())
    for keyword in ("anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            if fits(compiler.choice().rules(part), value):
                yield part
    if "if" in schema:
        if fits(compiler.choice().rules(schema["if"]), value):
            yield schema["if"]
            yield schema.get("then")
        else:
            yield schema.get("else")
    for keyword in ("dependentSchemas", "dependencies"):
        for name, part in schema.get(keyword, {}).items():
            if isinstance(value, dict) and name in value:
                yield part


def names(schema: Schema, value: dict[str, Any], compiler: Compiler) -> set[Any]:
    if "additionalProperties" in schema:
        return everything(value)
    patterns = compile_patterns(schema, compiler.document).values()
    known = schema.get("properties", {})
    return {
        name
        for name in value
        if name in known or any(pattern.search(str(name)) for pattern in patterns)
    }


def indexes(schema: Schema, values: list[Any], compiler: Compiler) -> set[Any]:
    if "items" in schema:
        return everything(values)
    found = set(range(min(len(values), len(schema.get("prefixItems", ())))))
    if "contains" in schema:
        rules = compiler.choice().rules(schema["contains"])
        found.update(index for index, value in enumerate(values) if fits(rules, value))
    return found
