"""Functions of Spark that get their rows as columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

import pyarrow as pa
from pyspark.sql import functions
from pyspark.sql.types import DataType

from .inputs import Inputs, inputs_of

# Since Spark 4.1.
HAS_ARROW_FUNCTIONS = hasattr(functions, "arrow_udf")

Columns = Callable[[Iterator[Inputs]], Iterator[pa.Array]]


def function_of(columns: Columns, kind: DataType) -> Any:
    """
    A function of one column. Spark may leave it out where nobody reads it. It never runs it twice where it is written
    once: that would be another call.
    """

    def applied(inputs: Iterator[pa.Array]) -> Iterator[pa.Array]:
        return columns(map(inputs_of, map(only, inputs)))

    return functions.arrow_udf(applied, kind).asNondeterministic()


def only(column: Any) -> Any:
    """:raises TypeError: there is not one column"""
    if isinstance(column, tuple):
        raise TypeError(
            f"it has one argument, and got {len(column)}; make one of them with named_struct(…)"
        )
    return column
