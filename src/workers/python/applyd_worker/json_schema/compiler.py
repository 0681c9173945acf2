"""From a schema to its rules."""

from __future__ import annotations

from typing import Any

from .arrays import ARRAY
from .document import Document
from .general import GENERAL
from .objects import OBJECT
from .rules import KINDS, Error, Makers, Rule, Rules
from .scalars import NUMBER, STRING

# Ajv's groups of keywords, in its order.
GROUPS: dict[str, Makers] = {
    "number": NUMBER,
    "string": STRING,
    "array": ARRAY,
    "object": OBJECT,
}


def compile_rules(schema: Any) -> Rules:
    """
    Raises:
        NotASchema: naming the place
        NotSupported: naming what
    """
    return Compiler(Document(schema), {}, in_choice=False).rules(schema)


class Compiler:
    def __init__(
        self,
        document: Document,
        compiled: dict[tuple[int, bool], Rules],
        in_choice: bool,
    ) -> None:
        self.document = document
        # Below a keyword such as anyOf, where Ajv goes on after an error and the first one counts.
        self.in_choice = in_choice
        self._compiled = compiled

    def choice(self) -> Compiler:
        return Compiler(self.document, self._compiled, in_choice=True)

    def rules(self, schema: Any) -> Rules:
        if isinstance(schema, bool):
            every = () if schema else (never,)
            return Rules(dict.fromkeys(KINDS, every))
        key = (id(schema), self.in_choice)
        rules = self._compiled.get(key)
        if rules is None:
            rules = self._compiled[key] = Rules()  # now, as a $ref may lead back to it
            self._fill(rules, schema)
        return rules

    def _fill(self, rules: Rules, schema: dict[str, Any]) -> None:
        general = self._make(GENERAL, schema)
        groups = {kind: self._make(makers, schema) for kind, makers in GROUPS.items()}
        types = schema.get("type", [])
        wrong_type = failure(
            f"must be {types if isinstance(types, str) else ','.join(types)}"
        )
        if isinstance(types, str):
            types = [types]
        if types and schema.get("nullable"):  # as Ajv knows it from OpenAPI
            types = [*types, "null"]
        # Ajv looks at a lone type first, or when it comes to that type's own keywords.
        late = types[0] if len(types) == 1 and has_any(schema, types[0]) else None
        order = list(GROUPS)
        for cls, kind in KINDS.items():
            own = general + groups.get(kind, [])
            if not types or kind in types:
                rules[cls] = tuple(own)
            elif kind == "number" and "integer" in types:
                rules[cls] = tuple(own if cls is int else [whole(wrong_type), *own])
            elif late is None:
                rules[cls] = (wrong_type,)
            elif kind in order and order.index(kind) < order.index(late):
                rules[cls] = (*own, wrong_type)
            else:
                rules[cls] = (*general, wrong_type)

    def _make(self, makers: Makers, schema: dict[str, Any]) -> list[Rule]:
        rules = []
        for keyword, make in makers.items():
            if make is not None and keyword in schema:
                rule = make(schema[keyword], schema, self)
                if rule is not None:
                    rules.append(rule)
        return rules


def has_any(schema: dict[str, Any], kind: str) -> bool:
    return any(keyword in schema for keyword in GROUPS.get(kind, ()))


def failure(message: str) -> Rule:
    error: Error = ("", message)
    return lambda value: error


def whole(otherwise: Rule) -> Rule:
    return lambda value: None if value.is_integer() else otherwise(value)


never = failure("boolean schema is false")
