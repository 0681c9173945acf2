"""
The original platform's kit for algorithms in Python, as applyd gives it to them
(api-contract §11.5).

    from adk import ADK

    def load():
        return {"factor": 2}

    def apply(input, loaded):
        return input * loaded["factor"]

    ADK(apply, load).init(21)

The interface is that of `algorithmia-adk` 1.2.4, and errors in `apply` are answered as
errors on Python 3.10 and newer too. In a worker of applyd, `init` only says what is to
be served. Anywhere else it runs once and prints, so that the file can be tried with
`python src/algo.py`; for that, put the folder that holds this package on PYTHONPATH,
or `pip install algorithmia-adk`. `applyd run OWNER/NAME` needs neither, and runs the
algorithm as the server will.

Every worker imports this before anything of the author's, so what few algorithms need
is imported where it is used.
"""

from adk.algorithm import ADK
from adk.worker import enter_worker, registered

__all__ = ["ADK", "enter_worker", "registered"]
