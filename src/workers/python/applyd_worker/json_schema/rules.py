"""A compiled schema: for each class of values, the rules that they must pass, in the order in which Ajv has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# What is wrong: the JSON pointer from the checked value to the place, and Ajv's text.
Error = tuple[str, str]
Rule = Callable[[Any], "Error | None"]
# Makes a keyword's rule from its value, the schema around it and the compiler.
Maker = Callable[[Any, dict[str, Any], Any], "Rule | None"]
# In Ajv's order. `None` stands for a keyword that it counts among these, but that checks nothing by itself.
Makers = dict[str, "Maker | None"]

# What json.dumps makes of a class of values; `object` stands for all that it makes nothing of.
KINDS = {
    dict: "object",
    list: "array",
    tuple: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    object: "nothing of JSON",
}


class Rules(dict[type, tuple[Rule, ...]]):
    """The rules by class. A class derived from one of KINDS has the rules of that one."""

    def __missing__(self, cls: type) -> tuple[Rule, ...]:
        base = next(base for base in KINDS if issubclass(cls, base))
        self[cls] = self[base]
        return self[cls]


def first_error(rules: Rules, value: Any) -> Error | None:
    """What is run most has this loop in its own code: a call for each value would take twice the time."""
    for rule in rules[type(value)]:
        error = rule(value)
        if error is not None:
            return error
    return None


def fits(rules: Rules, value: Any) -> bool:
    return first_error(rules, value) is None


def escape(name: Any) -> str:
    """One part of a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")
