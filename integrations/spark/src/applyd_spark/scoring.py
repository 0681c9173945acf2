"""What runs in a task: columns in, columns out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql.types import DataType

from .call import Door
from .check import check
from .inputs import Inputs
from .leaves import unicode
from .lists import Lists
from .output_types import Fit, fit_of
from .settings import Settings, path_of, settings_of


@dataclass(frozen=True)
class Scoring:
    """Scores the rows of a partition."""

    path: str
    """Of the algorithm."""
    settings: Settings
    fit: Fit

    def outputs(self, inputs: Iterator[Inputs]) -> Iterator[pa.Array]:
        """The outputs, null for a row that failed."""
        for outputs, _ in self._columns(inputs):
            yield outputs

    def structs(self, inputs: Iterator[Inputs]) -> Iterator[pa.Array]:
        """Structs of `output` and `error`."""
        for columns in self._columns(inputs):
            yield pa.StructArray.from_arrays(columns, ["output", "error"])

    def _columns(self, inputs: Iterator[Inputs]) -> Iterator[tuple[pa.Array, pa.Array]]:
        """
        As many rows as it has taken, in their order: outputs, and why rows failed.

        :raises ApplydError: what ends the task
        """
        context = TaskContext.get()
        door = Door(self.path, self.settings, context.partitionId() if context else 0)
        try:
            lists = Lists(door, self.settings, self.fit.parse_float)
            for part in lists.run(inputs):
                outputs, misfits = self.fit.array(part.results)
                yield outputs, _errors({**misfits, **part.errors}, len(outputs))
        finally:
            door.close()


def scoring_of(ref: str, output_type: str | DataType, given: dict[str, Any]) -> Scoring:
    """
    Checks all that can be checked before a task runs.

    :raises Refused: no such algorithm, or the key is refused
    :raises TypeError, ValueError: what was given is wrong
    """
    path, settings, fit = path_of(ref), settings_of(given), fit_of(output_type)
    check(path, settings)
    return Scoring(path, settings, fit)


def _errors(errors: dict[int, str], count: int) -> pa.Array:
    if not errors:
        return pa.nulls(count, pa.string())
    return pa.array(
        [unicode(errors[row]) if row in errors else None for row in range(count)],
        pa.string(),
    )
