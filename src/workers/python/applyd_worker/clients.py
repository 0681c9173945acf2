"""
Published clients that a version makes while it loads, where its workers are copies of what has loaded: each worker
has a key of its own, and a client remembers the one that it was made with.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

_KEY = "ALGORITHMIA_API_KEY"


def clients_of(environment: dict[str, str]) -> list[tuple[Any, str]]:
    """The attributes, of objects of the package `Algorithmia`, that hold the key of this environment."""
    key = environment.get(_KEY)
    if key is None or "Algorithmia" not in sys.modules:
        return []
    return [
        (thing, name)
        for thing in gc.get_objects()
        if _is_algorithmias(type(thing))
        for name, value in vars(thing).items()
        if value == key
    ]


def _is_algorithmias(kind: type) -> bool:
    module = kind.__module__  # some have no text there
    return isinstance(module, str) and module.partition(".")[0] == "Algorithmia"


def give_key(clients: list[tuple[Any, str]], environment: dict[str, str]) -> None:
    """Makes them speak for the worker that has this environment."""
    for thing, name in clients:
        setattr(thing, name, environment.get(_KEY))
