"""What Spark before 4.1 does, which the newer one can do too."""

import json

import pytest
from applyd_spark import function, register, score
from pyspark.sql import functions as F


@pytest.fixture(autouse=True)
def no_arrow_functions(monkeypatch):
    monkeypatch.setattr(function, "HAS_ARROW_FUNCTIONS", False)


def test_frames_are_scored_as_by_newer_ones(spark, applyd):
    frame = spark.range(0, 25_000, 1, 2).withColumn("twice", F.array(F.col("id") * 2))
    whole = F.when(F.col("id") % 10 != 0, F.col("id"))
    scored = score(
        frame,
        "spark/Act/1.0.0",
        input=whole,
        output="o",
        output_type="long",
        error="e",
        servers=[applyd.url],
    )
    assert scored.dtypes == [
        ("id", "bigint"),
        ("twice", "array<bigint>"),
        ("o", "bigint"),
        ("e", "string"),
    ]
    rows = [tuple(row) for row in scored.collect()]
    assert rows == [
        (n, [2 * n], None if n % 10 == 0 else n, None) for n in range(25_000)
    ]


def test_rows_fail_as_by_newer_ones(spark, applyd):
    frame = spark.range(0, 100, 1, 1).select(
        "id", F.expr("if(id = 7, 'throw', 'ok')").alias("do"), F.lit("no").alias("with")
    )
    scored = score(
        frame,
        "spark/Act/1.0.0",
        input=["do", "with"],
        output="o",
        error="e",
        servers=[applyd.url],
    )
    assert [row.id for row in scored.filter("e = 'no'").collect()] == [7]


def test_functions_in_sql_take_and_give(spark, applyd):
    for name, output_type in [
        ("as_json", "string"),
        ("as_double", "double"),
        ("as_struct", "struct<a: long, at: timestamp, more: array<struct<b: string>>>"),
        ("as_instant", "timestamp"),
    ]:
        register(
            spark,
            name,
            "spark/ActPy/1.0.0",
            output_type=output_type,
            servers=[applyd.url],
        )
    row = spark.sql(
        """SELECT as_json(null), as_json('x'), as_json(named_struct('a', 1, 'b', named_struct('c', array(1, 2)))),
                  as_double(cast(0.5 as double)), as_double('x'),
                  date_format(as_instant('2024-02-29T12:30:00Z'), 'HH:mm XXX')"""
    ).first()
    assert list(row) == [
        None,
        '"x"',
        '{"a":1,"b":{"c":[1,2]}}',
        0.5,
        None,
        "13:30 +01:00",
    ]
    row = spark.sql(
        """SELECT s.a, date_format(s.at, 'HH:mm XXX'), s.more[0].b FROM (SELECT as_struct(
               named_struct('a', 9, 'at', '2024-02-29T12:30:00Z', 'more', array(named_struct('b', 'x')))) AS s)"""
    ).first()
    assert list(row) == [9, "13:30 +01:00", "x"]
    rows = spark.sql(
        """SELECT as_json(map('k', id, 'only' || id, null)), as_json(n), as_json(array(n)), as_json(named_struct('n', n))
           FROM (SELECT id, if(id = 0, 1, null) AS n FROM range(0, 2, 1, 1))"""
    ).collect()
    # It may see 1 as 1.0.
    assert [[value and json.loads(value) for value in row] for row in rows] == [
        [{"k": 0, "only0": None}, 1, [1], {"n": 1}],
        [{"k": 1, "only1": None}, None, [None], {"n": None}],
    ]
