"""JSON Schema 2020-12 of one input and one output (interface §3). Verdicts and texts are those of Ajv, which Node algorithms use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import TypedError

Check = Callable[[Any], None]


def compile_schema(schema: Any, side: str) -> Check:
    """
    Args:
        schema: the schema as JSON was read, or None where there is none: then everything passes
        side: "input" or "output"

    Returns:
        a function that raises a TypedError, InputError or AlgorithmError, naming the JSON pointer of what does not fit

    Raises:
        TypedError: LoadingError, if the schema is none, or uses what is not supported for Python algorithms
    """
    if schema is None:
        return lambda value: None
    from .json_schema.compiler import compile_rules  # only for versions that ask
    from .json_schema.document import NotASchema, NotSupported
    from .json_schema.rules import first_error

    try:
        rules = compile_rules(schema)
    except NotASchema as error:
        raise loading_error(f"{side} is no JSON Schema: {error}") from None
    except NotSupported as error:
        raise loading_error(f"{side} has {error}") from None
    except RecursionError:
        raise loading_error(f"{side} is a schema that is nested too deeply") from None

    error_type = "InputError" if side == "input" else "AlgorithmError"

    def check(value: Any) -> None:
        try:
            error = first_error(rules, value)
        except RecursionError:
            error = ("", "is nested too deeply to be checked")
        if error is not None:
            pointer, what = error
            place = f"{side} at {pointer}" if pointer else side
            raise TypedError(error_type, f"{place} {what}")

    return check


def loading_error(what: str) -> TypedError:
    return TypedError("LoadingError", f"algorithm.json: {what}")
