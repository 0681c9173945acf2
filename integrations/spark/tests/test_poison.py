import pytest
from applyd_spark import register, score
from pyspark.sql import functions as F

ENDED = "Failed to run algorithm - may have timed-out or hit out-of-memory error"


def acting(spark, rows, poison, partitions=1):
    """So many rows, numbered; `poison` names what those do that do not just answer."""
    frame = spark.range(0, rows, 1, partitions)
    act, given = poison
    return frame.select("id", act.alias("do"), given.alias("with"))


def scored(frame, applyd, ref="spark/Act/1.0.0", **settings):
    settings = {"servers": [applyd.url], **settings}
    rows = (
        score(frame, ref, input=["do", "with"], output="o", error="e", **settings)
        .orderBy("id")
        .collect()
    )
    assert [row.id for row in rows] == list(range(len(rows)))
    for row in rows:
        assert (row.o is None) != (row.e is None)
    return rows


def every(nth, act, given):
    return F.when(F.col("id") % nth == nth - 1, act).otherwise("answer"), F.lit(given)


@pytest.mark.parametrize("ref", ["spark/Act/1.0.0", "spark/ActPy/1.0.0"])
def test_rows_that_throw_cost_themselves(spark, applyd, ref):
    act, _ = every(7, "throw", "")
    frame = acting(spark, 3000, (act, F.format_string("row %d", "id")), partitions=2)
    rows = scored(frame, applyd, ref)
    for row in rows:
        assert row.e == (f"row {row.id}" if row.id % 7 == 6 else None)
        assert row.o == (
            None if row.id % 7 == 6 else f'{{"do":"answer","with":"row {row.id}"}}'
        )


@pytest.mark.parametrize("ref", ["spark/Act/1.0.0", "spark/ActPy/1.0.0"])
def test_rows_that_end_their_worker_cost_themselves(spark, applyd, ref):
    rows = scored(acting(spark, 1000, every(100, "exit", 3)), applyd, ref)
    assert [row.id for row in rows if row.e] == list(range(99, 1000, 100))
    assert {row.e for row in rows if row.e} == {"exited with code 3"}


def test_rows_that_never_end_cost_themselves_and_their_time(spark, applyd):
    rows = scored(acting(spark, 500, every(250, "loop", 0)), applyd, row_timeout=0.5)
    assert {row.id: row.e for row in rows if row.e} == {249: ENDED, 499: ENDED}


def test_without_a_time_of_their_own_they_go_again_until_they_are_known(spark, applyd):
    rows = scored(acting(spark, 200, every(100, "loop", 0)), applyd, timeout=0.7)
    told = f"{ENDED}; not done within timeout=0.7 s"
    assert {row.id: row.e for row in rows if row.e} == {99: told, 199: told}


@pytest.mark.parametrize(
    "options, settings",
    [
        ([], {"timeout": 1}),
        (["--max-timeout-seconds", "1"], {"timeout": 300, "row_timeout": 10}),
    ],
    ids=["asked for", "that the server allows"],
)
def test_rows_that_are_slow_are_done_in_lists_that_fit_into_the_timeout(
    spark, start, options, settings
):
    server = start("--max-workers", "1", *options)
    frame = acting(spark, 16, (F.lit("sleep"), F.lit(0.2)))
    rows = scored(frame, server, retries=0, **settings)
    assert [row.e for row in rows] == [None] * 16
    assert len(server.calls) > 1


def test_a_partition_of_rows_that_throw_leaves_the_others_whole(spark, applyd):
    in_second = F.col("id") >= 2000
    frame = acting(
        spark,
        4000,
        (F.when(in_second, "throw").otherwise("answer"), F.lit("no")),
        partitions=2,
    )
    rows = scored(frame, applyd)
    assert [row.e for row in rows] == [None] * 2000 + ["no"] * 2000


def test_a_partition_of_rows_that_end_their_workers_leaves_the_others_whole(
    spark, applyd
):
    in_second = F.col("id") >= 60
    frame = acting(
        spark,
        120,
        (F.when(in_second, "exit").otherwise("answer"), F.lit(4)),
        partitions=2,
    )
    rows = scored(frame, applyd)
    assert [row.e for row in rows] == [None] * 60 + ["exited with code 4"] * 60


def test_good_rows_behind_many_that_end_their_worker_are_run(spark, applyd):
    among = (F.col("id") >= 100) & (F.col("id") < 130)
    rows = scored(
        acting(spark, 1000, (F.when(among, "exit").otherwise("answer"), F.lit(5))),
        applyd,
    )
    assert [row.id for row in rows if row.e] == list(range(100, 130))
    assert {row.e for row in rows if row.e} == {"exited with code 5"}


def test_results_too_large_together_are_asked_for_in_shorter_lists(spark, applyd):
    frame = acting(
        spark,
        40,
        (F.lit("text"), F.when(F.col("id") == 20, 11_000_000).otherwise(1_000_000)),
    )
    lengths = score(
        frame,
        "spark/Act/1.0.0",
        input=["do", "with"],
        output="o",
        error="e",
        servers=[applyd.url],
    )
    rows = lengths.select("id", F.length("o").alias("length"), "e").collect()
    assert {row.id: row.e is None for row in rows} == {n: n != 20 for n in range(40)}
    assert {row.length for row in rows} == {None, 1_000_002}
    assert "the limit" in rows[20].e


def test_inputs_that_the_server_takes_for_too_large_go_in_shorter_lists(spark, start):
    server = start("--max-input-bytes", "20000")
    given = F.expr("repeat('x', if(id = 50, 30000, 1000))")
    rows = scored(acting(spark, 100, (F.lit("answer"), given)), server)
    assert [row.id for row in rows if row.e] == [50]
    assert "the limit is 20000 bytes" in rows[50].e


def test_in_sql_a_row_that_failed_is_null(spark, applyd):
    register(spark, "act", "spark/Act/1.0.0", servers=[applyd.url])
    rows = spark.sql(
        "SELECT id, act(named_struct('do', if(id = 5, 'throw', 'answer'), 'with', id)) AS o FROM range(10) ORDER BY id"
    ).collect()
    assert [row.o for row in rows] == [
        None if n == 5 else f'{{"do":"answer","with":{n}}}' for n in range(10)
    ]
