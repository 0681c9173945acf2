"""Scores on a cluster of two executors, each a process of its own: `cluster.py SERVER`. Prints these, then the rows."""

import json
import sys
from pathlib import Path

from conftest import start_spark
from slow_rows import collected, slow

spark = start_spark("local-cluster[2,1,512]")
spark.range(0, 2, 1, 2).collect()
jvm = spark._jvm.java.lang.ProcessHandle.current()
executors = [
    child.pid()
    for child in jvm.children().toArray()
    if b"CoarseGrainedExecutorBackend"
    in Path(f"/proc/{child.pid()}/cmdline").read_bytes()
]
print(json.dumps(executors), flush=True)
print(json.dumps(collected(slow(spark, [sys.argv[1]]))))
