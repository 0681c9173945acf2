"""Spark before 4.1, which has no functions of Arrow columns. Here pandas must be installed too."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, functions
from pyspark.sql.types import DataType, StructField, StructType

from .function import Columns, only
from .inputs import Inputs, inputs_of, written

if TYPE_CHECKING:
    import pandas


def with_column(
    df: DataFrame, input: Column, name: str, columns: Columns, kind: DataType
) -> DataFrame:
    """The frame with what `columns` makes of a column of it. All columns take the way through Python."""
    schema = StructType([*df.schema.fields, StructField(name, kind)])

    def applied(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        taken: deque[pa.RecordBatch] = deque()

        def inputs() -> Iterator[pa.Array]:
            for batch in batches:
                taken.append(batch)
                yield batch.column(batch.num_columns - 1)

        for made in columns(map(inputs_of, inputs())):
            while len(made) > 0:
                batch = taken.popleft()
                count = min(len(made), batch.num_rows)
                kept = batch.slice(0, count).columns[:-1]
                yield pa.RecordBatch.from_arrays(
                    [*kept, made.slice(0, count)], schema.names
                )
                made = made.slice(count)
                if count < batch.num_rows:
                    taken.appendleft(batch.slice(count))

    return df.select("*", input.alias(name)).mapInArrow(applied, schema)


def function_of(columns: Columns, kind: DataType) -> Any:
    """
    A function of one column. It sees it as pandas does: a column of whole numbers with a null has 1.0 for 1, NaN is
    null, and a timestamp is of the session's zone. A struct that it answers is never null, only its members are.
    """
    import pandas

    def applied(inputs: Iterator[pandas.Series]) -> Iterator[pandas.Series]:
        return map(_series, columns(map(_inputs, map(only, inputs))))

    # Spark resolves the hints by these names.
    applied.__annotations__ = {
        "inputs": Iterator[pandas.Series],
        "return": Iterator[pandas.Series],
    }
    return functions.pandas_udf(applied, kind).asNondeterministic()


def _inputs(column: pandas.Series | pandas.DataFrame) -> Inputs:
    column = column.astype(object).where(column.notna(), None)
    if column.ndim == 1:
        return written(column.tolist())
    return written(column.to_dict("records"))


def _series(array: pa.Array) -> pandas.Series | pandas.DataFrame:
    import pandas

    if pa.types.is_struct(array.type):
        members = {
            array.type.field(index).name: array.field(index)
            for index in range(array.type.num_fields)
        }
        return pandas.DataFrame(
            {name: _series(member) for name, member in members.items()}
        )
    return pandas.Series(array.to_pylist(), dtype=object)
