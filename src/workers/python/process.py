"""The entry of a Python worker process: it starts, watches and ends workers."""

import sys

# A process that the author's multiprocessing spawns runs this too.
if __name__ == "__main__":
    # An older one could not even read what is imported then.
    if sys.version_info < (3, 9):  # noqa: UP036
        sys.exit(
            "%s is Python %s, and 3.9 is the oldest that can be used; "  # noqa: UP031
            "name another with APPLYD_PYTHON" % (sys.executable, sys.version.split()[0])
        )
    from applyd_worker.supervisor import Supervisor

    Supervisor.from_environment().run()
