"""A server as a process of its own."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

TESTS = Path(__file__).parent
REPOSITORY = TESTS.parents[2]
NODE = REPOSITORY / "node_modules/node/bin/node"
ROOTS = [TESTS / "algorithms", REPOSITORY / "algorithms"]


def until(what, condition, seconds=60):
    """Waits for a condition. :returns: what it gave, as soon as that is true"""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s in vain until {what}"
        time.sleep(0.02)


def environment():
    """For Python processes of ours."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    return {**os.environ, "PYTHONPATH": paths}


def _is_ours(name):
    """The tests' own settings are not the server's."""
    return name.startswith(("APPLYD_", "VITEST")) or name == "NODE_ENV"


class Applyd:
    """:param options: flags of `applyd serve`"""

    def __init__(self, *options, port=0):
        self._state = tempfile.TemporaryDirectory()
        own = ["--port", str(port), "--state", self._state.name]
        roots = ["--algorithms", ":".join(map(str, ROOTS))]
        self.log = []
        self.process = subprocess.Popen(
            [NODE, REPOSITORY / "server/applyd.js", "serve", *own, *roots, *options],
            stdout=subprocess.PIPE,
            env={
                name: value for name, value in os.environ.items() if not _is_ours(name)
            },
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.url = until("the server listens", self._url)

    def _read(self):
        for line in self.process.stdout:
            self.log.append(json.loads(line))

    def _url(self):
        assert self.process.poll() is None, f"the server has ended: {self.log}"
        return next(
            (entry["url"] for entry in self.log if entry["msg"] == "listening"), None
        )

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    @property
    def calls(self):
        """Those with items: an empty list is a question of the driver."""
        return [
            entry
            for entry in self.log
            if entry["msg"] == "call" and entry["bytesIn"] > 2
        ]

    @property
    def refusals(self):
        return [entry["code"] for entry in self.log if entry["msg"] == "refused"]

    def key(self, *options):
        made = subprocess.run(
            [
                NODE,
                REPOSITORY / "server/applyd.js",
                "key",
                "create",
                *options,
                "--state",
                self._state.name,
            ],
            stdout=subprocess.PIPE,
            check=True,
        )
        return made.stdout.decode().strip()

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.end()
        self._state.cleanup()
