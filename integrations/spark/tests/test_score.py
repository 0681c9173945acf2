import functools
import operator
from decimal import Decimal

import pytest
from applyd_process import until
from applyd_spark import score
from pyspark.sql import functions as F


@pytest.fixture(scope="module")
def reviews(spark):
    rows = [(1, "I love it"), (2, None), (3, "I hate it")]
    return spark.createDataFrame(rows, "id long, text string").repartition(2).cache()


def test_each_row_has_the_result_of_its_text_and_a_null_is_not_sent(applyd, reviews):
    scored = score(
        reviews,
        "nlp/SentimentAnalysis/1.0.5",
        input="text",
        output="score",
        output_type="double",
        error="score_error",
        servers=[applyd.url],
    )
    assert scored.dtypes == [
        ("id", "bigint"),
        ("text", "string"),
        ("score", "double"),
        ("score_error", "string"),
    ]
    assert [tuple(row) for row in scored.orderBy("id").collect()] == [
        (1, "I love it", 0.6, None),
        (2, None, None, None),
        (3, "I hate it", -0.6, None),
    ]


def test_without_an_error_column_a_row_that_failed_is_null(spark, applyd):
    frame = spark.createDataFrame([("a", 1), ("b", 2)], "do string, with int")
    frame = frame.withColumn(
        "do", F.when(F.col("with") == 1, "throw").otherwise("nothing much")
    )
    scored = score(
        frame, "spark/Act/1.0.0", input=["do", "with"], output="o", servers=[applyd.url]
    )
    assert scored.columns == ["do", "with", "o"]
    assert [row.o for row in scored.orderBy("with").collect()] == [
        None,
        '{"do":"nothing much","with":2}',
    ]


def test_several_columns_become_one_object_with_its_nulls(applyd, reviews):
    columns = ["id", F.upper("text").alias("loud")]
    scored = score(
        reviews, "spark/Act/1.0.0", input=columns, output="o", servers=[applyd.url]
    )
    assert [row.o for row in scored.orderBy("id").collect()] == [
        '{"id":1,"loud":"I LOVE IT"}',
        '{"id":2,"loud":null}',
        '{"id":3,"loud":"I HATE IT"}',
    ]


def test_a_string_holds_json_so_that_a_text_and_what_looks_like_it_differ(
    spark, applyd
):
    frame = spark.createDataFrame([("1",), ("null",), ('a "ü" 𝄞',)], "text string")
    scored = score(
        frame, "spark/Act/1.0.0", input="text", output="o", servers=[applyd.url]
    )
    rows = scored.select("o", F.get_json_object("o", "$")).collect()
    assert list(map(tuple, rows)) == [
        ('"1"', "1"),
        ('"null"', "null"),
        ('"a \\"ü\\" 𝄞"', 'a "ü" 𝄞'),
    ]


def test_columns_partitions_and_order_are_as_they_were_over_many_lists(spark, applyd):
    frame = spark.range(0, 50_000, 1, 3).withColumn("twice", F.col("id") * 2)
    scored = score(
        frame,
        "spark/Act/1.0.0",
        input="id",
        output="o",
        output_type="long",
        servers=[applyd.url],
    )
    assert scored.rdd.getNumPartitions() == 3
    partitions = (
        scored.rdd.glom().map(lambda rows: [tuple(row) for row in rows]).collect()
    )
    assert [len(rows) for rows in partitions] == [16_666, 16_667, 16_667]
    assert functools.reduce(operator.iadd, partitions, []) == [
        (n, 2 * n, n) for n in range(50_000)
    ]


def test_columns_of_the_frame_can_be_named_as_before_and_filters_call_nothing_twice(
    spark, start
):
    server = start()
    frame = spark.range(0, 10, 1, 1)
    scored = score(
        frame,
        "spark/Act/1.0.0",
        input="id",
        output="o",
        output_type="long",
        error="e",
        servers=[server.url],
    )
    kept = scored.filter("o > 4 and e is null").select(frame["id"], "o")
    assert list(map(tuple, kept.collect())) == [(n, n) for n in range(5, 10)]
    until("the server has written of its call", lambda: server.calls)
    assert len(server.calls) == 1


def test_frames_without_rows_and_with_nulls_only_are_scored_without_a_call(
    spark, start
):
    server = start()
    for frame in (
        spark.range(0),
        spark.range(5).select(F.lit(None).cast("string").alias("id")),
    ):
        scored = score(
            frame,
            "spark/Act/1.0.0",
            input="id",
            output="o",
            error="e",
            servers=[server.url],
        )
        assert {(row.o, row.e) for row in scored.collect()} <= {(None, None)}
    assert server.calls == []


def test_what_no_row_reads_is_not_called(spark, start):
    server = start()
    scored = score(
        spark.range(5), "spark/Act/1.0.0", input="id", output="o", servers=[server.url]
    )
    assert scored.count() == 5
    assert server.calls == []


def test_an_algorithm_that_takes_many_at_once_gets_them(spark, applyd):
    scored = score(
        spark.range(0, 2000, 1, 1),
        "spark/Batch/1.0.0",
        input="id",
        output="n",
        output_type="int",
        servers=[applyd.url],
    )
    assert max(row.n for row in scored.collect()) == 32


def test_an_algorithm_in_python(spark, applyd):
    frame = spark.createDataFrame(
        [(2**60, Decimal("1.50"))], "n long, price decimal(9,2)"
    )
    scored = score(
        frame,
        "spark/ActPy/1.0.0",
        input=["n", "price"],
        output="o",
        servers=[applyd.url],
    )
    assert scored.first().o == '{"n":1152921504606846976,"price":1.5}'


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"output": "id"}, "the frame has a column 'id' already"),
        ({"error": "ID"}, "the frame has a column 'ID' already"),
        ({"error": "o"}, "output and error are both 'o'"),
        ({"input": []}, "input is an empty list"),
        ({"output_type": "map<int, string>"}, "its keys must be string"),
        ({"output_type": "varchar(9)"}, "which results are not made into"),
        ({"output_type": "array<interval day>"}, "which results are not made into"),
        ({"ref": "Act"}, "the algorithm is 'Act'; it must be OWNER/NAME/VERSION"),
        ({"servers": "http://127.0.0.1"}, "it must be a list of addresses"),
        ({"servers": ["127.0.0.1:8080"]}, "it must be an address such as"),
        ({"key": "two words"}, "key is not what `applyd key create` prints"),
        ({"timeout": 0}, "timeout is 0; it must be a number of seconds above 0"),
        ({"in_flight": 0}, "in_flight is 0; it must be a whole number, 1 at least"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(spark, applyd, wrong, told):
    given = {
        "ref": "spark/Act/1.0.0",
        "input": "id",
        "output": "o",
        "servers": [applyd.url],
        **wrong,
    }
    with pytest.raises(ValueError) as raised:
        score(spark.range(1), **given)
    assert told in str(raised.value)


def test_an_unknown_setting_is_told_with_the_nearest(spark, applyd):
    with pytest.raises(
        TypeError, match="unknown setting time_out; did you mean timeout?"
    ):
        score(
            spark.range(1),
            "spark/Act/1.0.0",
            input="id",
            output="o",
            servers=[applyd.url],
            time_out=3,
        )


def test_the_server_and_the_key_are_those_of_the_environment_unless_given(
    spark, start, monkeypatch
):
    server = start("--auth", "keys")
    monkeypatch.setenv("APPLYD_SERVER", server.url)
    monkeypatch.setenv("APPLYD_KEY", server.key("ada"))
    scored = score(spark.range(1), "spark/Act/1.0.0", input="id", output="o")
    assert scored.first().o == "0"
