import pytest
from applyd_spark import function, register, score
from applyd_spark.parts import parts_of
from applyd_spark.settings import settings_of
from applyd_spark.sizing import Sizing


def learnt(*answers, **settings):
    sizing = Sizing(settings_of(settings))
    lengths = [sizing.rows]
    for total, work, size in answers:
        sizing.learn(sizing.rows, total, work, size)
        lengths.append(sizing.rows)
    return lengths


def test_lists_grow_while_a_call_is_short_up_to_the_most():
    assert learnt(*[(0.01, 0.001, 100)] * 5) == [16, 128, 1024, 8192, 10_000, 10_000]
    assert learnt(*[(0.01, 0.001, 100)] * 3, list_rows=100) == [16, 100, 100, 100]


def test_lists_shrink_to_what_is_done_in_the_seconds_aimed_at():
    assert learnt((0.01, 0.001, 100), (5, 8, 100), (0.6, 1.2, 100)) == [16, 128, 16, 13]
    assert learnt((60, 60, 100), (60, 120, 100)) == [16, 1, 1]
    assert learnt((60, 60, 100), list_seconds=30) == [16, 8]


def test_a_call_that_waited_for_others_changes_nothing():
    assert learnt((0.01, 0.001, 100), (100, 0.5, 100)) == [16, 128, 128]


def test_lists_are_short_enough_for_answers_that_are_large():
    assert learnt((0.01, 0.001, 2**23)) == [16, 8]


def test_few_lists_take_many_rows(spark, start):
    server = start()
    frame = spark.range(0, 100_000, 1, 1)
    scored = score(
        frame,
        "spark/Act/1.0.0",
        input="id",
        output="o",
        output_type="long",
        error="e",
        servers=[server.url],
    )
    assert scored.filter("o = id").count() == 100_000
    assert 10 <= len(server.calls) <= 30


def test_a_list_has_no_more_rows_and_bytes_than_it_may_have(spark, start):
    server = start()
    frame = spark.range(0, 3000, 1, 1)
    options = {"servers": [server.url], "list_rows": 1000, "list_bytes": 2000}
    scored = score(frame, "spark/Act/1.0.0", input="id", output="o", **options)
    assert scored.filter("o = cast(id as string)").count() == 3000
    assert max(call["bytesIn"] for call in server.calls) <= 2001


def test_executors_need_not_have_the_package(spark, applyd):
    @function.functions.arrow_udf("boolean")
    def is_there(column):
        from importlib.util import find_spec

        import pyarrow

        return pyarrow.array([find_spec("applyd_spark") is not None] * len(column))

    scored = score(
        spark.range(1), "spark/Act/1.0.0", input="id", output="o", servers=[applyd.url]
    )
    row = scored.select("o", is_there("id")).first()
    assert list(row) == ["0", False]


def test_in_sql_a_function_of_two_arguments_says_what_to_do(spark, applyd):
    register(spark, "act", "spark/Act/1.0.0", servers=[applyd.url])
    with pytest.raises(
        Exception,
        match=r"it has one argument, and got 2; make one of them with named_struct",
    ):
        spark.sql("SELECT act(1, 2)").collect()
    assert spark.sql("SELECT act(array(1, 2)) AS o").first().o == "[1,2]"


def test_rows_are_cut_to_lists_by_number_and_bytes_over_any_groups():
    sizing = Sizing(settings_of({"list_bytes": 100}))
    small = ([b"1"] * 5, {})
    large = ([b"x" * 60] * 3, {})
    faulty = ([None, b"2"], {0: "bad"})
    read = []

    def groups():
        for group in (small, large, faulty, small, small):
            read.append(group)
            yield group

    parts = parts_of(groups(), sizing)
    first = next(parts)
    assert (len(first.inputs), read) == (6, [small, large])
    sizing.rows = 4
    rest = list(parts)
    assert [len(part.inputs) for part in rest] == [1, 4, 4, 4, 1]
    assert [part.errors for part in rest] == [{}, {1: "bad"}, {}, {}, {}]
    cut = [text for part in (first, *rest) for text in part.inputs]
    assert cut == [text for inputs, _ in read for text in inputs]
