"""
Scores the rows of Spark frames with the algorithms of an applyd server.

`score` adds what an algorithm makes of each row to a frame, batch or streaming; `register` makes it a function in SQL.
docs/spark.md has examples, the settings, and what holds when something breaks.
"""

import sys

from pyspark import cloudpickle

from .errors import ApplydError, Away, Refused
from .register import register
from .score import score
from .settings import Settings

__all__ = ["ApplydError", "Away", "Refused", "Settings", "register", "score"]

# It travels with the tasks, so that executors need not have it.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
