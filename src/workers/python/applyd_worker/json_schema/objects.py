"""Rules of objects. A name that is no string, as Python allows, is read as JSON would write it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from .pattern import compile_patterns
from .rules import Error, Makers, Rule, escape, first_error
from .scalars import length
from .shapes import is_list_of_names
from .unevaluated import unevaluated_properties

if TYPE_CHECKING:
    from .compiler import Compiler

Value = dict[str, Any]


def required(names: list[str], schema: Any, compiler: Compiler) -> Rule:
    def rule(value: Value) -> Error | None:
        for name in names:
            if name not in value:
                return ("", f"must have required property '{name}'")
        return None

    return rule


def property_names(part: Any, schema: Any, compiler: Compiler) -> Rule:
    rules = compiler.choice().rules(part)

    def rule(value: Value) -> Error | None:
        for name in value:
            error = first_error(rules, str(name))
            if error is not None:
                return error
        return None

    return rule


def additional_properties(
    part: Any, schema: dict[str, Any], compiler: Compiler
) -> Rule | None:
    if part is True:
        return None
    known = schema.get("properties", {}).keys()
    patterns = compile_patterns(schema, compiler.document)
    rules = compiler.rules(part)

    def rule(value: Value) -> Error | None:
        if value.keys() <= known:
            return None
        for name, item in value.items():
            if name in known or any(
                pattern.search(str(name)) for pattern in patterns.values()
            ):
                continue
            if part is False:
                return ("", f"must NOT have additional properties: {name}")
            error = first_error(rules, item)
            if error is not None:
                return (f"/{escape(name)}{error[0]}", error[1])
        return None

    return rule


def dependencies(by_name: dict[str, Any], schema: Any, compiler: Compiler) -> Rule:
    """The keyword of older dialects, which Ajv still knows."""
    lists = {name: part for name, part in by_name.items() if is_list_of_names(part)}
    schemas = {name: part for name, part in by_name.items() if name not in lists}
    on_names = dependent_required(lists, schema, compiler)
    on_schemas = dependent_schemas(schemas, schema, compiler)
    return lambda value: on_names(value) or on_schemas(value)


def properties(schemas: dict[str, Any], schema: Any, compiler: Compiler) -> Rule:
    by_name = [
        (name, f"/{escape(name)}", compiler.rules(part))
        for name, part in schemas.items()
    ]

    def rule(value: Value) -> Error | None:
        for name, path, rules in by_name:
            if name in value:
                item = value[name]
                for test in rules[type(item)]:
                    error = test(item)
                    if error is not None:
                        return (path + error[0], error[1])
        return None

    return rule


def pattern_properties(
    schemas: dict[str, Any], schema: Any, compiler: Compiler
) -> Rule:
    patterns = compile_patterns(schema, compiler.document)
    by_pattern = [
        (patterns[source], compiler.rules(part)) for source, part in schemas.items()
    ]

    def rule(value: Value) -> Error | None:
        for pattern, rules in by_pattern:
            for name, item in value.items():
                if pattern.search(str(name)):
                    error = first_error(rules, item)
                    if error is not None:
                        return (f"/{escape(name)}{error[0]}", error[1])
        return None

    return rule


def dependent_required(
    by_name: dict[str, list[str]], schema: Any, compiler: Compiler
) -> Rule:
    def rule(value: Value) -> Error | None:
        for name, needed in by_name.items():
            if name in value and any(other not in value for other in needed):
                things = "property" if len(needed) == 1 else "properties"
                return (
                    "",
                    f"must have {things} {', '.join(needed)} when property {name} is present",
                )
        return None

    return rule


def dependent_schemas(schemas: dict[str, Any], schema: Any, compiler: Compiler) -> Rule:
    by_name = [(name, compiler.rules(part)) for name, part in schemas.items()]

    def rule(value: Value) -> Error | None:
        for name, rules in by_name:
            if name in value:
                error = first_error(rules, value)
                if error is not None:
                    return error
        return None

    return rule


OBJECT: Makers = {
    "maxProperties": length(operator.le, "more", "properties"),
    "minProperties": length(operator.ge, "fewer", "properties"),
    "required": required,
    "propertyNames": property_names,
    "additionalProperties": additional_properties,
    "dependencies": dependencies,
    "properties": properties,
    "patternProperties": pattern_properties,
    "dependentRequired": dependent_required,
    "dependentSchemas": dependent_schemas,
    "unevaluatedProperties": unevaluated_properties,
}
