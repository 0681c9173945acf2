"""The entry of a Python worker process: it starts, watches and ends workers."""

if (
    __name__ == "__main__"
):  # a process that the author's multiprocessing spawns runs this too
    from applyd_worker.supervisor import Supervisor

    Supervisor.from_environment().run()
