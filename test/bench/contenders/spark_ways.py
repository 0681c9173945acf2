"""
The same work on the rows of a Spark frame, three ways: `score`, a plain Python UDF, and one call a row with the
published client in `mapPartitions`, on fewer rows. `spark_ways.py SERVER FILE ROUNDS CLIENT_ROWS` prints the seconds
of each way, round by round.
"""

import json
import os
import sys
import time

os.environ["PYSPARK_PYTHON"] = sys.executable

from applyd_spark import score
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

REF = "bench/Shout/1.0.0"
OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.driver.memory": "1g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}

server, file, rounds, client_rows = sys.argv[1:]
builder = SparkSession.builder.master("local[2]")
for name, value in OPTIONS.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()

# The file has a text in quotes on each line.
text = F.expr("substring(value, 2, length(value) - 2)").alias("text")
frame = spark.read.text(file).select(text).repartition(2).cache()
few = frame.limit(int(client_rows)).repartition(2).cache()
rows = frame.count(), few.count()


def scored():
    return score(
        frame,
        REF,
        input="text",
        output="loud",
        error="why",
        servers=[server],
    )


def by_udf():
    return frame.withColumn("loud", F.udf(lambda text: text.upper())("text"))


def by_client():
    def call_each(rows):
        import Algorithmia

        algo = Algorithmia.client("simabcd123", server).algo(REF)
        for row in rows:
            yield row.text, algo.pipe(row.text).result

    return few.rdd.mapPartitions(call_each)


def write(frame):
    frame.write.format("noop").mode("overwrite").save()


WAYS = {
    "score": lambda: write(scored()),
    "udf": lambda: write(by_udf()),
    "client": lambda: by_client().count(),
}

right = F.expr("why IS NULL AND loud = concat('\"', upper(text), '\"')")
assert scored().filter(right).count() == rows[0]
assert all(loud == text.upper() for text, loud in by_client().take(100))
seconds = {name: [] for name in WAYS}
for turn in range(1 + int(rounds)):  # the first one warms up
    for name, way in WAYS.items():
        started = time.monotonic()
        way()
        if turn > 0:
            seconds[name].append(time.monotonic() - started)
spark.stop()
print(json.dumps({"rows": rows[0], "clientRows": rows[1], "seconds": seconds}))
