"""A function for SQL."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.types import DataType

from . import function, older
from .output_types import spark_type
from .scoring import scoring_of


def register(
    spark: SparkSession,
    name: str,
    ref: str,
    *,
    output_type: str | DataType = "string",
    **settings: Any,
) -> None:
    """
    Makes an algorithm a function of one argument in SQL (interface §8). It answers null where `score` tells an error,
    and for null.

    :param name: of the function
    :param ref: the algorithm, `OWNER/NAME/VERSION`
    :param output_type: what the function returns, as DDL; `string` holds JSON
    :param settings: those of `Settings`, such as `servers`, `key` and `timeout`
    :raises Refused: no such algorithm, or the key is refused. Queries raise it too, and `Away`.
    :raises TypeError: an unknown setting
    :raises ValueError: a setting or a type that is none
    """
    scoring = scoring_of(ref, output_type, settings)
    room = function if function.HAS_ARROW_FUNCTIONS else older
    spark.udf.register(name, room.function_of(scoring.outputs, spark_type(output_type)))
