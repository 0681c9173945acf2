"""A module's `apply_batch` (interface §4, §9)."""

from __future__ import annotations

from typing import Any, Callable

from .awaiting import settle
from .errors import TypedError
from .plain import plain


class Batch:
    def __init__(self, apply_batch: Callable[[list[Any]], Any]) -> None:
        self._apply_batch = apply_batch

    def apply_to(self, inputs: list[Any]) -> list[Any]:
        """
        Returns as many results as inputs; an Exception stands for an input that failed.

        Raises WrongResults, and what the author's code does.
        """
        results = _listed(settle(self._apply_batch(inputs)))
        if len(results) != len(inputs):
            raise WrongResults(
                f"{_counted(len(results), 'result')} for {_counted(len(inputs), 'input')}"
            )
        return results

    def apply_to_one(self, value: Any) -> Any:
        """In a module with nothing else: one input is a batch of one."""
        result = self.apply_to([value])[0]
        if isinstance(result, Exception):
            raise result
        return result


class WrongResults(TypedError):
    """They cannot be told to the inputs: each of those fails, and running them again would be in vain."""

    def __init__(self, what: str) -> None:
        super().__init__("AlgorithmError", f"apply_batch answered {what}")


def _listed(results: Any) -> list[Any] | tuple[Any, ...]:
    """Numpy's arrays and pandas' series and frames too: their first dimension is that of the inputs."""
    if isinstance(results, (list, tuple)):
        return results
    try:
        listed = plain(results)
    except TypeError:
        listed = None
    if isinstance(listed, list):
        return listed
    raise WrongResults(
        f"a {type(results).__name__}; return a list with a result for each input"
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
