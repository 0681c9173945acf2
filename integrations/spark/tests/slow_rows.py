"""Rows that take a while, scored in short lists, so that faults come in between."""

from applyd_spark import score
from pyspark.sql import functions as F


def slow(spark, servers, rows=120, **settings):
    frame = spark.range(0, rows, 1, 2).select(
        "id", F.lit("sleep").alias("do"), F.lit(0.05).alias("with")
    )
    settings = {
        "servers": servers,
        "list_rows": 4,
        "output_type": "struct<id:long>",
        **settings,
    }
    scored = score(
        frame,
        "spark/Act/1.0.0",
        input=["id", "do", "with"],
        output="o",
        error="e",
        **settings,
    )
    return scored.select("id", "o.id", "e")


def collected(frame):
    return sorted(tuple(row) for row in frame.collect())


def all_right(rows=120):
    return [(n, n, None) for n in range(rows)]
