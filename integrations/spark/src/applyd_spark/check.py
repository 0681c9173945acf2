"""Asks at the driver what would fail in every task."""

from __future__ import annotations

from dataclasses import replace

from .answer import ListFailed, read_answer
from .call import Door
from .errors import Away
from .settings import Settings

CHECK_SECONDS = 10
# It is asked once: who does not answer is left to the tasks, which have patience and may reach it.
NO_PATIENCE = 1e-9


def check(path: str, settings: Settings) -> None:
    """
    Sends each server an empty list, which needs the algorithm and the right to call it, and runs nothing.

    :raises Refused: no such algorithm, a key that is refused
    """
    for url in settings.servers:
        timeout = min(CHECK_SECONDS, settings.timeout)
        alone = replace(settings, servers=(url,), timeout=timeout, patience=NO_PATIENCE)
        door = Door(path, alone, 0)
        try:
            read_answer(door.send(b"[]").answer(), 0, float)
        except (Away, ListFailed):
            pass
        finally:
            door.close()
