import time
from email.utils import formatdate

import pytest
from applyd_spark import score
from gateway import Gateway


def numbers(spark, servers, rows=100, partitions=2, **settings):
    frame = spark.range(0, rows, 1, partitions)
    settings = {"servers": servers, "output_type": "long", **settings}
    scored = score(
        frame, "spark/Act/1.0.0", input="id", output="o", error="e", **settings
    )
    return sorted(tuple(row) for row in scored.collect())


def all_right(rows):
    return [(n, n, None) for n in range(rows)]


def test_a_server_that_takes_one_call_at_a_time_is_waited_for(spark, start):
    server = start("--max-sessions", "1")
    assert numbers(spark, [server.url], rows=200) == all_right(200)
    assert "TOO_MANY_SESSIONS" in server.refusals


@pytest.mark.parametrize(
    "after",
    ["1", lambda: formatdate(time.time() + 2, usegmt=True)],
    ids=["seconds", "date"],
)
def test_a_refusal_is_waited_out_as_told(spark, applyd, after):
    told = {"Retry-After": after if isinstance(after, str) else after()}
    gateway = Gateway(applyd.url, [(503, told), (429, {"Retry-After": "1"}), (502, {})])
    started = time.monotonic()
    rows = numbers(spark, [gateway.url], rows=10, partitions=1)
    gateway.close()
    assert rows == all_right(10)
    # Told twice to wait a second: it can only be longer, however busy the machine is.
    assert time.monotonic() - started > 2
    assert len(gateway.seen) == 4
    assert {path.split("?")[0] for path in gateway.seen} == {
        "/behind/v1/algo/spark/Act/1.0.0"
    }


def test_who_is_told_to_wait_longer_than_he_has_patience_fails_at_once(spark, applyd):
    gateway = Gateway(applyd.url, [(429, {"Retry-After": "300"})] * 99)
    with pytest.raises(
        Exception,
        match="within patience=20 s. The last trouble: .* answered 429: <html>busy",
    ):
        numbers(spark, [gateway.url], rows=10, partitions=1, patience=20)
    gateway.close()


def test_nobody_there_is_said_when_patience_ends(spark):
    with pytest.raises(
        Exception,
        match="no answer from http://127.0.0.1:1 within patience=0.3 s.*ConnectionRefused",
    ):
        numbers(spark, ["http://127.0.0.1:1"], rows=1, partitions=1, patience=0.3)


def test_what_is_no_applyd_server_is_said(spark, applyd):
    gateway = Gateway(applyd.url, [(200, {})] * 99)
    with pytest.raises(
        Exception, match="no answer of an applyd server: JSONDecodeError.*<html>busy"
    ):
        numbers(spark, [gateway.url], rows=1, partitions=1)
    gateway.close()
