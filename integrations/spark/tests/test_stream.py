import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from applyd_process import TESTS, environment, until
from applyd_spark import score


def put(folder, numbers):
    """Files appear whole, as a stream wants them."""
    (folder / "in").mkdir(exist_ok=True)
    for number in numbers:
        lines = [
            json.dumps({"id": number * 10 + n, "text": f"row {n}"}) for n in range(10)
        ]
        made = folder / f"{number}.json"
        made.write_text("\n".join(lines))
        made.rename(folder / "in" / made.name)


def run(folder, server, *options):
    """The stream in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, TESTS / "stream.py", server.url, folder, *options],
        env=environment(),
        start_new_session=True,
    )


def commits(folder):
    return list(Path(folder / "checkpoint/commits").glob("[0-9]*"))


def test_a_stream_killed_in_the_middle_loses_and_doubles_nothing_when_it_starts_again(
    spark, start, tmp_path
):
    server = start()
    put(tmp_path, range(12))
    killed = run(tmp_path, server)
    until("a batch is done", lambda: commits(tmp_path))
    done = len(commits(tmp_path))
    before = len(server.calls)
    until("the next one has begun", lambda: len(server.calls) > before)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert len(commits(tmp_path)) <= done + 1 < 6
    put(tmp_path, range(12, 14))
    assert run(tmp_path, server, "once").wait() == 0
    rows = spark.read.json(str(tmp_path / "out")).select("id", "o.id", "text").collect()
    assert sorted(map(tuple, rows)) == [(n, n, f"row {n % 10}") for n in range(140)]


def test_a_watermark_is_kept_and_the_scores_can_be_counted_by_time(
    spark, applyd, tmp_path
):
    texts = ["I love it", "I hate it", "It is too early for this one"]
    lines = [
        {"at": f"2024-02-29T12:0{minute}:00Z", "text": text}
        for minute, text in enumerate(texts)
    ]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/1.json").write_text("\n".join(map(json.dumps, lines)))
    rows = spark.readStream.schema("at timestamp, text string").json(
        str(tmp_path / "in")
    )
    scored = score(
        rows.withWatermark("at", "1 minute"),
        "nlp/SentimentAnalysis/1.0.5",
        input="text",
        output="score",
        output_type="double",
        servers=[applyd.url],
    )
    counted = scored.groupBy("at").sum("score")
    query = (
        counted.writeStream.format("memory")
        .queryName("counted")
        .outputMode("append")
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    assert [row[1] for row in spark.table("counted").orderBy("at").collect()] == [
        0.6,
        -0.6,
    ]
