import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyspark
import pytest
from applyd_process import TESTS, environment, until
from applyd_spark import score
from slow_rows import all_right, collected, slow


@pytest.fixture
def running():
    """Collects a frame beside the test."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda frame: pool.submit(collected, frame)


def python_workers(spark):
    """The processes that run Python for Spark, which its daemon has forked."""
    jvm = spark._jvm.java.lang.ProcessHandle.current().pid()
    return [worker for daemon in children(jvm) for worker in children(daemon)]


def children(pid):
    listed = [
        path.read_text().split()
        for path in Path(f"/proc/{pid}/task").glob("*/children")
    ]
    return [int(child) for some in listed for child in some]


def test_python_workers_killed_in_their_tasks_cost_no_row_and_double_none(
    spark, start, running
):
    server = start()
    result = running(slow(spark, [server.url]))
    until("both tasks have had answers", lambda: len(server.calls) >= 8)
    killed = python_workers(spark)
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    assert result.result() == all_right()
    assert len(killed) >= 2
    assert len(server.calls) > 120 / 4


def spark_home(folder):
    """Executors write where Spark is."""
    for part in Path(pyspark.__file__).parent.iterdir():
        (folder / part.name).symlink_to(part)
    return folder


def test_an_executor_killed_in_its_task_costs_no_row_and_doubles_none(start, tmp_path):
    server = start()
    cluster = subprocess.Popen(
        [sys.executable, TESTS / "cluster.py", server.url],
        env={**environment(), "SPARK_HOME": str(spark_home(tmp_path))},
        stdout=subprocess.PIPE,
        text=True,
    )
    executors = json.loads(cluster.stdout.readline())
    assert len(executors) == 2
    until("both have had answers", lambda: len(server.calls) >= 8)
    os.kill(executors[0], signal.SIGKILL)
    assert json.loads(cluster.stdout.readline()) == [list(row) for row in all_right()]
    assert cluster.wait() == 0
    assert len(server.calls) > 120 / 4


def test_a_server_killed_and_started_again_costs_no_row(spark, start, running):
    first = start()
    result = running(slow(spark, [first.url]))
    until("it has answered some", lambda: len(first.calls) >= 8)
    first.end(signal.SIGKILL)
    second = start(port=first.port)
    assert result.result() == all_right()
    assert len(second.calls) > 0


def test_a_server_that_is_stopped_hands_its_rows_to_the_other(spark, start, running):
    first, second = start(), start()
    result = running(slow(spark, [first.url, second.url]))
    until("it has answered some", lambda: len(first.calls) >= 4)
    first.end(signal.SIGTERM)
    assert result.result() == all_right()
    assert first.process.returncode == 0


def test_two_servers_share_the_lists_and_one_may_die(spark, start, running):
    first, second = start(), start()
    assert collected(slow(spark, [first.url, second.url])) == all_right()
    assert abs(len(first.calls) - len(second.calls)) <= 2
    before = len(first.calls)
    result = running(slow(spark, [first.url, second.url]))
    until("it has answered some", lambda: len(first.calls) >= before + 4)
    first.end(signal.SIGKILL)
    assert result.result() == all_right()


def test_servers_that_are_not_there_from_the_beginning_are_left_out(spark, applyd):
    assert collected(
        slow(spark, ["http://127.0.0.1:1", applyd.url], rows=20)
    ) == all_right(20)


def test_no_more_lists_are_at_the_servers_than_are_asked_for(spark, start):
    server = start("--max-sessions", "3")
    rows = collected(slow(spark, [server.url], rows=40, in_flight=1))
    assert rows == all_right(40)
    assert "TOO_MANY_SESSIONS" not in server.refusals


def test_rows_are_taken_as_lists_come_back(spark, start):
    """A partition that would never end: what is read of it is bounded by what came back."""
    server = start()
    endless = spark.range(0, 10**12, 1, 1)
    scored = score(
        endless,
        "spark/Act/1.0.0",
        input="id",
        output="o",
        output_type="long",
        servers=[server.url],
    )
    assert [row.o for row in scored.limit(20).collect()] == list(range(20))
    assert sum(call["bytesIn"] for call in server.calls) < 10_000_000
