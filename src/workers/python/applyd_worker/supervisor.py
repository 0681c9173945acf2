"""
The main process of a version's Python workers. It forks them, reads what they print, watches what they hold and ends
them; it runs no author code, unless the manifest says `fork`: then it loads the version once, and its workers are
copies of what has loaded.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
from typing import Any, Callable, NoReturn

from . import frames
from .awaiting import forget_loop
from .child import Child
from .clients import clients_of, give_key
from .connection import Connection, ServerGone
from .frames import json_frame
from .output import printing_into
from .process_table import (
    adopt_orphans,
    collect_orphans,
    held_bytes,
    kill_orphans,
    tree_of,
)
from .temp_folder import TempFolder, forget_default
from .version import LoadFailure, Version, load_version
from .worker import Worker

_POLL_MS = 20
# After so many looks without a call it sleeps until a worker wakes it, or for a second.
_IDLE_LOOKS = 5
_IDLE_POLL_MS = 1000
# More below one worker is a fork bomb, and a few hundred of those cannot be counted in time: they hold the locks.
_MAX_PROCESSES = max(64, 4 * (os.cpu_count() or 1))
# An interpreter without anything loaded.
_INTERPRETER_MB = 32


class Supervisor:
    def __init__(self, told: dict[str, str]) -> None:
        """`told` is what the server says in the environment (protocol/README.md)."""
        self._socket_path = told["SOCKET"]
        self._limit_bytes = (int(told["MEMORY_MB"]) + _INTERPRETER_MB) * 2**20
        self._has_temp = "TEMP" in told
        self._helpers: set[int] = set()
        if "API_SOCKET" in told:
            from .api_port import fork_api_port

            self._helpers.add(fork_api_port(told["API_SOCKET"]))
        self._children: dict[int, Child] = {}  # by lane
        self._template: Version | LoadFailure | None = None
        self._clients: list[tuple[Any, str]] = []
        self._adopts = False
        self._handlers: dict[int, Callable[[], None]] = {}
        self._poll = select.poll()
        self._control = self._connect(told["TOKEN"])
        self._listen(self._control.fileno(), self._receive)
        self._wakeups = _catch_child_signals()
        self._listen(self._wakeups[0], self._reap)

    @staticmethod
    def from_environment() -> Supervisor:
        """Takes what is not the author's business out of the environment."""
        return Supervisor(
            {
                name.removeprefix("APPLYD_"): os.environ.pop(name)
                for name in list(os.environ)
                if name.startswith("APPLYD_")
            }
        )

    def run(self) -> None:
        """Until the server is gone: then so are we, with every process that the author's code has started."""
        try:
            self._serve_control()
        except ServerGone:
            kill_orphans(set())
            os.killpg(0, signal.SIGKILL)

    def _serve_control(self) -> NoReturn:
        idle_looks = 0
        while True:
            wait_ms = _POLL_MS if idle_looks < _IDLE_LOOKS else _IDLE_POLL_MS
            for descriptor, _ in self._poll.poll(wait_ms if self._children else None):
                handler = self._handlers.get(descriptor)
                if handler:
                    handler()
            idle_looks = 0 if self._watch() else idle_looks + 1

    def _connect(self, token: str) -> Connection:
        version = ".".join(map(str, sys.version_info[:3]))
        return Connection(
            self._socket_path,
            token,
            {"pid": os.getpid(), "runtime": f"python {version}"},
        )

    def _receive(self) -> None:
        for kind, payload in self._control.receive():
            message = json.loads(bytes(payload))
            child = self._children.get(message["lane"])
            if kind == frames.OPEN:
                self._open(message)
            elif kind == frames.END and child:
                child.end("ended")
            elif kind == frames.RECALL and child:
                self._recall(child, message["last"])

    def _open(self, message: dict[str, Any]) -> None:
        load = message["load"]
        child = Child(message["lane"])
        if load["fork"] and self._template is None:
            self._load_template(load, child)
        child.fork(lambda: self._serve(child, message))
        self._children[child.lane] = child
        self._listen(child.output.pipe, lambda: self._hear(child))
        self._listen(child.output.desk.fileno(), lambda: self._answer(child))
        if not self._adopts:
            self._adopts = True
            adopt_orphans()  # takes 5 ms to load, while the worker loads

    def _load_template(self, load: dict[str, Any], first: Child) -> None:
        """What it prints is for the first call of the first worker (api-contract §3.9)."""
        with printing_into(first.output):
            self._template = load_version(load)
        self._clients = clients_of(load["loadEnv"])
        gc.collect()
        gc.freeze()  # a collection in a copy would touch, and so copy, all of it

    def _serve(self, child: Child, message: dict[str, Any]) -> None:
        """In the new process."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in self._wakeups:
            os.close(descriptor)
        self._control.close()
        for other in self._children.values():
            other.close()
        forget_loop()
        output = child.output.for_worker()
        load = message["load"]
        os.environ.update(load["env"])
        give_key(self._clients, load["env"])
        lane = self._connect(message["token"])
        temp = None
        if self._has_temp:
            temp = TempFolder(os.environ["TMPDIR"])
            forget_default()
        worker = Worker(lane, load, child.turn, child.outbox, output, temp)
        worker.serve(self._template)

    def _recall(self, child: Child, last: int) -> None:
        try:
            started = child.turn.recall(last)
        except TimeoutError:
            child.end("exit")
        else:
            self._send_rest(child.outbox.rest_meanwhile(child.lane))
            self._control.send(
                json_frame(frames.RECALLED, {"lane": child.lane, "started": started})
            )

    def _send_rest(self, rest: bytes | None) -> None:
        if rest:
            self._control.send(rest)

    def _hear(self, child: Child) -> None:
        if not child.output.read():
            self._ignore(child.output.pipe)

    def _answer(self, child: Child) -> None:
        if not child.output.answer():
            self._ignore(child.output.desk.fileno())

    def _reap(self) -> None:
        os.read(self._wakeups[0], 4096)
        for child in list(self._children.values()):
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._bury(child, status)
        collect_orphans(self._pids())

    def _bury(self, child: Child, status: int) -> None:
        del self._children[child.lane]
        self._send_rest(child.outbox.rest(child.lane))
        if not kill_orphans(self._pids()):
            os.killpg(0, signal.SIGKILL)
        ended = {
            "lane": child.lane,
            "cause": child.cause,
            "started": child.turn.started,
            "hasLostLane": child.turn.has_lost_lane,
        }
        self._ignore(child.output.pipe)
        self._ignore(child.output.desk.fileno())
        child.close()
        exit_code = (
            128 + os.WTERMSIG(status)
            if os.WIFSIGNALED(status)
            else os.WEXITSTATUS(status)
        )
        self._control.send(json_frame(frames.ENDED, {**ended, "exitCode": exit_code}))

    def _pids(self) -> set[int]:
        return self._helpers | {child.pid for child in self._children.values()}

    def _watch(self) -> bool:
        """Ends those that hold too much. Returns whether any has run a call since the last look."""
        has_run = False
        for child in self._children.values():
            has_run = child.has_run() or has_run
            processes = tree_of(child.pid, _MAX_PROCESSES)
            if len(processes) > _MAX_PROCESSES:
                os.killpg(0, signal.SIGKILL)  # one by one they would be born faster
            if held_bytes(processes) > self._limit_bytes:
                child.end("memory")
        return has_run

    def _listen(self, descriptor: int, handler: Callable[[], None]) -> None:
        self._handlers[descriptor] = handler
        self._poll.register(descriptor, select.POLLIN)

    def _ignore(self, descriptor: int) -> None:
        if self._handlers.pop(descriptor, None):
            self._poll.unregister(descriptor)


def _catch_child_signals() -> tuple[int, int]:
    """A pipe that can be read when a child has ended."""
    wakeups = os.pipe()
    for descriptor in wakeups:
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(wakeups[1])
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return wakeups
