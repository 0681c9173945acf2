"""The lists' work without any server: parse, loop, stringify. Prints the milliseconds of each list after the warm-up."""

import json
import sys
from time import perf_counter

from index import apply


def work(data):
    started = perf_counter()
    answer = json.dumps(apply(json.loads(data)))
    ms = (perf_counter() - started) * 1000
    if len(answer) < len(data) / 2:
        raise ValueError("a short answer")
    return ms


file, warm_up, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(file, "rb") as opened:
    data = opened.read()
print(json.dumps([work(data) for _ in range(warm_up + times)][warm_up:]))
