import datetime as dt
import json
from decimal import Decimal

import pytest
from applyd_spark import register, score
from applyd_spark.output_types import fit_of
from pyspark.sql import functions as F

# pyarrow gives maps as lists of pairs otherwise.
MAPS = {"maps_as_pydicts": "strict"}
NOON = dt.datetime(2024, 2, 29, 12, 30, 0, 250_000)

# A type, results that fit it, and what Spark has then.
FITTING = [
    ("boolean", [True, False, None], [True, False, None]),
    ("byte", [-128, 127], [-128, 127]),
    ("short", [-32768, 7], [-32768, 7]),
    ("int", [2147483647, 3.0], [2147483647, 3]),
    ("long", [2**63 - 1, -(2**63)], [2**63 - 1, -(2**63)]),
    ("float", [0.5, 3], [0.5, 3.0]),
    ("double", [0.1, 3, 2**70], [0.1, 3.0, float(2**70)]),
    (
        "decimal(20,2)",
        [12.345, "123456789012345678.91", -7],
        [Decimal("12.35"), Decimal("123456789012345678.91"), -7],
    ),
    ("date", ["2024-02-29"], [dt.date(2024, 2, 29)]),
    (
        "timestamp_ntz",
        ["2024-02-29T12:30:00.25", "2024-02-29 12:30"],
        [NOON, NOON.replace(microsecond=0)],
    ),
    ("binary", ["AP8="], [b"\x00\xff"]),
    ("array<double>", [[1, 2.5, None], []], [[1.0, 2.5, None], []]),
    ("array<array<string>>", [[["a"], None]], [[["a"], None]]),
    ("map<string, long>", [{"a": 1, "b": None}, {}], [{"a": 1, "b": None}, {}]),
    (
        "struct<label string, score double>",
        [{"label": "a", "more": 1}],
        [{"label": "a", "score": None}],
    ),
    (
        "struct<best struct<at date, tags array<map<string, boolean>>>>",
        [{"best": {"at": "2024-02-29", "tags": [{"x": True}]}}],
        [{"best": {"at": dt.date(2024, 2, 29), "tags": [{"x": True}]}}],
    ),
    ("label string, n int", [{"label": "a", "n": 1}], [{"label": "a", "n": 1}]),
    (
        "string",
        [{"a": [1, 1.5, "ü"]}, "x", 1, None],
        ['{"a":[1,1.5,"ü"]}', '"x"', "1", None],
    ),
]

# A type, a result that does not fit it, and what is told.
MISFITS = [
    ("boolean", 1, "expected boolean, got 1"),
    ("byte", 128, "expected byte, a whole number from -128 to 127, got 128"),
    (
        "int",
        1.5,
        "expected int, a whole number from -2147483648 to 2147483647, got 1.5",
    ),
    (
        "long",
        True,
        "expected long, a whole number from -9223372036854775808 to 9223372036854775807, got true",
    ),
    ("double", "0.6", 'expected double, a number, got "0.6"'),
    ("float", 1e39, "expected float, a number, got 1e+39"),
    ("decimal(4,2)", 100, "expected decimal(4,2), a number or its text, got 100"),
    ("decimal(4,2)", "much", 'expected decimal(4,2), a number or its text, got "much"'),
    ("date", "2023-02-29", 'expected date, such as 2024-02-29, got "2023-02-29"'),
    (
        "timestamp",
        "2024-02-29T12:30:00",
        "expected timestamp, such as 2024-02-29T12:30:00Z, with Z or an offset",
    ),
    (
        "timestamp_ntz",
        "2024-02-29T12:30:00Z",
        "expected timestamp_ntz, such as 2024-02-29T12:30:00, without an offset",
    ),
    ("binary", "é", 'expected binary, as base64, got "é"'),
    ("array<int>", {"a": 1}, 'expected array, got {"a": 1}'),
    (
        "array<int>",
        [1, "two"],
        'expected int, a whole number from -2147483648 to 2147483647 at [1], got "two"',
    ),
    ("map<string,int>", [1], "expected map, got [1]"),
    ("struct<a:struct<b:array<int>>>", {"a": {"b": [1, [2]]}}, "at .a.b[1], got [2]"),
    ("struct<a:int not null>", {"b": 1}, "expected int not null at .a, got null"),
    ("double", "x" * 500, 'got "' + "x" * 99 + "…"),
]


def parsed(spark, applyd, texts, output_type):
    """Rows whose result is the JSON that they hold: `spark/Parse` parses it."""
    frame = spark.createDataFrame([(text,) for text in texts], "text string").coalesce(
        1
    )
    return score(
        frame,
        "spark/Parse/1.0.0",
        input="text",
        output="o",
        output_type=output_type,
        error="e",
        servers=[applyd.url],
    )


@pytest.mark.parametrize(
    "output_type, results, values", FITTING, ids=[case[0] for case in FITTING]
)
def test_results_become_values_of(spark, output_type, results, values):
    fit = fit_of(output_type)
    array, misfits = fit.array(
        json.loads(json.dumps(results), parse_float=fit.parse_float)
    )
    assert misfits == {}
    assert array.to_pylist(**MAPS) == values


def test_results_of_all_types_come_through_spark(spark, applyd):
    cases = [case for case in FITTING if " string, " not in case[0]]
    members = ", ".join(
        f"c{i}: {output_type}"
        for i, (output_type, _, _) in enumerate(cases)
        if output_type != "string"
    )
    results = {f"c{i}": results[0] for i, (_, results, _) in enumerate(cases)}
    row = parsed(spark, applyd, [json.dumps(results)], f"struct<{members}>").first()
    assert row.e is None
    assert row.o.asDict(recursive=True) == {
        f"c{i}": values[0]
        for i, (output_type, _, values) in enumerate(cases)
        if output_type != "string"
    }


@pytest.mark.parametrize(
    "case",
    [FITTING[7], FITTING[11], FITTING[13], FITTING[-1]],
    ids=lambda case: case[0],
)
def test_results_come_through_spark_as(spark, applyd, case):
    output_type, results, values = case
    rows = parsed(spark, applyd, map(json.dumps, results), output_type).collect()
    assert [(row.o, row.e) for row in rows] == [(value, None) for value in values]


def test_results_become_instants_whatever_their_offset(spark, applyd):
    texts = [
        '"2024-02-29T12:30:00.25Z"',
        '"2024-02-29T13:30:00.250000999+01:00"',
        '"2024-02-29 07:00:00.25-0530"',
    ]
    instants = F.date_format("o", "yyyy-MM-dd HH:mm:ss.SSS XXX")
    rows = parsed(spark, applyd, texts, "timestamp").select(instants, "e")
    assert [tuple(row) for row in rows.collect()] == [
        ("2024-02-29 13:30:00.250 +01:00", None)
    ] * 3


@pytest.mark.parametrize(
    "output_type, result, told",
    MISFITS,
    ids=[f"{case[0]} {case[1]!r:.20}" for case in MISFITS],
)
def test_a_result_does_not_fit(spark, output_type, result, told):
    fit = fit_of(output_type)
    array, misfits = fit.array(
        json.loads(json.dumps([None, result]), parse_float=fit.parse_float)
    )
    assert array.to_pylist() == [None, None]
    assert list(misfits) == [1]
    assert misfits[1].startswith(f"the result does not fit {fit.name}: ")
    assert told in misfits[1]


def test_a_result_that_does_not_fit_is_the_error_of_its_row_only(spark, applyd):
    rows = parsed(spark, applyd, ["1", '"two"', "null", "3"], "double").collect()
    told = 'the result does not fit double: expected double, a number, got "two"'
    assert [(row.o, row.e) for row in rows] == [
        (1.0, None),
        (None, told),
        (None, None),
        (3.0, None),
    ]


def test_half_a_character_in_a_result_fails_no_row(spark, applyd):
    rows = parsed(spark, applyd, [r'"\ud83d"', '"ok"'], "string").collect()
    assert [(row.o, row.e) for row in rows] == [('"\\ud83d"', None), ('"ok"', None)]
    array, _ = fit_of("map<string,string>").array([{"\ud83d": "\ud83d"}])
    assert array.to_pylist() == [[("\ufffd", "\ufffd")]]
    _, misfits = fit_of("double").array(["\ud83d"])
    assert misfits[0].endswith('got "\ufffd"')


def test_a_result_that_nobody_can_read_is_the_error_of_its_row(spark, applyd):
    frame = spark.createDataFrame(
        [("ok", 1), ("nest", 5000), ("ok", 2)], "do string, with int"
    ).coalesce(1)
    rows = score(
        frame,
        "spark/Act/1.0.0",
        input=["do", "with"],
        output="o",
        error="e",
        servers=[applyd.url],
    ).collect()
    assert [row.o for row in rows] == [
        '{"do":"ok","with":1}',
        None,
        '{"do":"ok","with":2}',
    ]
    assert rows[1].e.startswith(
        "the result cannot be read: maximum recursion depth exceeded"
    )


INPUTS = [
    ("'x'", '"x"'),
    ("true", "true"),
    ("cast(5 as tinyint)", "5"),
    ("9223372036854775807", "9223372036854775807"),
    ("cast(0.1 as double)", "0.1"),
    ("cast(0.5 as float)", "0.5"),
    ("cast(12.50 as decimal(9,2))", "12.5"),
    ("cast(12 as decimal(9,2))", "12"),
    ("date '2024-02-29'", '"2024-02-29"'),
    ("timestamp '2024-02-29 13:30:00.25+01:00'", '"2024-02-29T12:30:00.250000Z"'),
    ("timestamp_ntz '2024-02-29 12:30:00'", '"2024-02-29T12:30:00"'),
    ("X'00FF'", '"AP8="'),
    ("array(1, null, 3)", "[1,null,3]"),
    ("map('a', map(1, date '2024-02-29'))", '{"a":{"1":"2024-02-29"}}'),
    ("cast(map() as map<string, int>)", "{}"),
    ("array(map('k', array(1)))", '[{"k":[1]}]'),
    (
        "named_struct('a', 1, 'b', named_struct('c', 'ü\"', 'd', null))",
        '{"a":1,"b":{"c":"ü\\"","d":null}}',
    ),
    ("named_struct('m', map('a', 1), 'n', null)", '{"m":{"a":1},"n":null}'),
]


def test_columns_of_every_type_become_json(spark, applyd):
    frame = spark.range(1).select(
        *(F.expr(sql).alias(f"c{i}") for i, (sql, _) in enumerate(INPUTS))
    )
    scored = score(
        frame,
        "spark/ActPy/1.0.0",
        input=frame.columns,
        output="o",
        servers=[applyd.url],
    )
    expected = ",".join(f'"c{i}":{text}' for i, (_, text) in enumerate(INPUTS))
    assert scored.first().o == "{" + expected + "}"


def test_arguments_of_every_type_become_json(spark, applyd):
    register(spark, "applied", "spark/ActPy/1.0.0", servers=[applyd.url])
    texts = [text for _, text in INPUTS]
    row = spark.sql(
        f"SELECT {', '.join(f'applied({sql})' for sql, _ in INPUTS)}"
    ).first()
    assert list(row) == texts


def test_what_json_has_no_word_for_is_the_error_of_its_row(spark, applyd):
    frame = spark.createDataFrame(
        [(1.0,), (float("nan"),), (float("-inf"),), (2.0,)], "n double"
    ).coalesce(1)
    for column in ("n", F.array("n")):
        scored = score(
            frame,
            "spark/Act/1.0.0",
            input=column,
            output="o",
            error="e",
            servers=[applyd.url],
        )
        rows = scored.collect()
        assert [row.e is None for row in rows] == [True, False, False, True]
        assert (
            "JSON has no NaN and no infinity, make it null with nanvl(…, null)"
            in rows[1].e
        )
    hours = score(
        spark.sql("SELECT INTERVAL '1' HOUR AS n"),
        "spark/Act/1.0.0",
        input="n",
        output="o",
        error="e",
        servers=[applyd.url],
    )
    assert (
        hours.first().e
        == "not sent: JSON has no word for a timedelta; cast it to a string"
    )
