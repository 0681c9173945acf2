"""The entry of a Python worker process: it starts, watches and ends workers."""

from applyd_worker.supervisor import Supervisor

if (
    __name__ == "__main__"
):  # a child that the author's multiprocessing spawns imports this too
    Supervisor.from_environment().run()
