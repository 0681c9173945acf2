"""A version that has loaded: what serves its calls."""

from __future__ import annotations

import os
from typing import Any, Callable, NamedTuple

from .awaiting import settle
from .batch import Batch
from .errors import TypedError, author_traceback, describe
from .load import Module, load_module, prepare_path
from .schema import Check, compile_schema


class Version(NamedTuple):
    apply: Callable[[Any], Any]
    batch: Batch | None
    check_input: Check
    check_output: Check


class LoadFailure(NamedTuple):
    """Why it cannot serve: the payload of FAILED."""

    message: str
    stack: str


def load_version(load: dict[str, Any]) -> Version | LoadFailure:
    """
    Imports the module and runs its `load()`; `load` is the `Load` of protocol/messages.ts.

    Raises SystemExit: the author's code exits while it loads.
    """
    os.environ.update(load["loadEnv"])
    prepare_path(load["entry"], load["folder"])
    try:
        check_input = compile_schema(load.get("inputSchema"), "input")
        check_output = compile_schema(load.get("outputSchema"), "output")
        module = load_module(load["entry"], load["folder"], load["algorithm"])
        if load["microBatch"] and not module.apply_batch:
            raise _no_batch(load)
        try:
            _load(module)
        except Exception as error:
            return LoadFailure(
                f"load() failed: {describe(error).message}", author_traceback(error)
            )
        batch = Batch(module.apply_batch.apply) if module.apply_batch else None
        apply = module.apply.apply if module.apply else batch.apply_to_one
        return Version(apply, batch, check_input, check_output)
    except TypedError as error:
        cause = error.__cause__
        return LoadFailure(error.message, author_traceback(cause) if cause else "")


def _no_batch(load: dict[str, Any]) -> TypedError:
    return TypedError(
        "LoadingError",
        f'{os.path.relpath(load["entry"], load["folder"])} has no apply_batch, which "microBatch" in algorithm.json '
        'needs: define a function of that name, or take "microBatch" out',
    )


def _load(module: Module) -> None:
    """Once, whatever the module has."""
    served = [algorithm for algorithm in module if algorithm]
    served[0].load()
    loaded = settle(served[0].load_result)
    for algorithm in served:
        algorithm.load_result = loaded
