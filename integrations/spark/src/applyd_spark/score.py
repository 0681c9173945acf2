"""Scores a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, functions
from pyspark.sql.types import DataType, StringType, StructField, StructType

from . import function, older
from .output_types import spark_type
from .scoring import scoring_of

_SCORED = "__applyd"


def score(
    df: DataFrame,
    ref: str,
    *,
    input: str | Column | Sequence[str | Column],
    output: str,
    output_type: str | DataType = "string",
    error: str | None = None,
    **settings: Any,
) -> DataFrame:
    """
    Applies an algorithm to each row of a frame, batch or streaming (interface §8).

    :param ref: the algorithm, `OWNER/NAME/VERSION`
    :param input: a column, or a list of columns that become the members of one object. A null is not sent: its output
        is null.
    :param output: the name of the new column
    :param output_type: its type, as DDL; `string` holds JSON
    :param error: the name of a second new column: why a row failed, whose output is null then
    :param settings: those of `Settings`, such as `servers`, `key` and `timeout`
    :returns: the frame with its columns and partitions as they are, and the new columns behind
    :raises Refused: no such algorithm, or the key is refused. Queries raise it too, and `Away`.
    :raises TypeError: an unknown setting
    :raises ValueError: a setting, a name or a type that is none
    """
    _check_names(df, output, error)
    scoring = scoring_of(ref, output_type, settings)
    kind = StructType(
        [
            StructField("output", spark_type(output_type)),
            StructField("error", StringType()),
        ]
    )
    if function.HAS_ARROW_FUNCTIONS:
        applied = function.function_of(scoring.structs, kind)
        scored = df.select("*", applied(_column(input)).alias(_SCORED))
    else:
        scored = older.with_column(df, _column(input), _SCORED, scoring.structs, kind)
    new = [functions.col(f"{_SCORED}.output").alias(output)]
    if error is not None:
        new.append(functions.col(f"{_SCORED}.error").alias(error))
    return scored.select("*", *new).drop(_SCORED)


def _check_names(df: DataFrame, output: str, error: str | None) -> None:
    if error is not None and output.lower() == error.lower():
        raise ValueError(f"output and error are both {output!r}; they are two columns")
    there = {column.lower() for column in df.columns}
    for name in (output, error):
        if name is not None and name.lower() in there:
            raise ValueError(
                f"the frame has a column {name!r} already; choose another name, or drop that one"
            )


def _column(input: str | Column | Sequence[str | Column]) -> Column:
    if isinstance(input, str):
        return functions.col(input)
    if isinstance(input, (list, tuple)):
        if not input:
            raise ValueError(
                "input is an empty list; name a column, or several that become one object"
            )
        return functions.struct(*input)
    return input
