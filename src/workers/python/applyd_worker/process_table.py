"""What the operating system tells of processes, where it is Linux; elsewhere there is nothing to see."""

from __future__ import annotations

import os
import signal
import sys
import time

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_SET_CHILD_SUBREAPER = 36
_MAX_ROUNDS = 100


def tree_of(pid: int, most: int = sys.maxsize) -> list[int]:
    """The process and those below it, whatever group or session they have moved to; no more than about `most`."""
    found = [pid]
    for parent in found:
        found += children_of(parent)
        if len(found) > most:
            break
    return found


def children_of(pid: int) -> list[int]:
    children = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                children += map(int, file.read().split())
    except OSError:  # it has ended meanwhile
        pass
    return children


def held_bytes(pids: list[int]) -> int:
    """
    Resident memory of these processes together, at least: a copy of the first shares with it what it has not
    changed, so only what goes beyond the first counts. (The exact figure waits for locks that forks hold.)
    """
    first, *others = map(_resident_bytes, pids)
    return first + sum(max(0, other - first) for other in others)


def adopt_orphans() -> None:
    """From now on a process whose parent ends below us becomes our child."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass


def collect_orphans(known: set[int]) -> None:
    """Lets those that have ended go."""
    for pid in _orphans(known):
        try:
            os.waitpid(pid, os.WNOHANG)
        except OSError:
            pass


def kill_orphans(known: set[int]) -> bool:
    """Ends the children that nobody knows, and theirs. Returns False if they are born faster than they end."""
    killed: set[int] = set()
    for _ in range(_MAX_ROUNDS):
        orphans = {pid for orphan in _orphans(known) for pid in tree_of(orphan)}
        if orphans <= killed:
            return (
                True  # the last ones may take a moment; `collect_orphans` sees them off
            )
        for pid in orphans - killed:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        killed |= orphans
        time.sleep(0.001)
    return False


def _orphans(known: set[int]) -> list[int]:
    return [pid for pid in children_of(os.getpid()) if pid not in known]


def _resident_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0
