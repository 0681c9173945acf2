"""How rows are scored, checked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote, urlsplit

_REF = re.compile(r"[^/\s?#]+/[^/\s?#]+(/[^/\s?#]+)?")
_KEY = re.compile(r"[!-~]+")
_WHOLE = {"retries": 0, "in_flight": 1, "list_rows": 1, "list_bytes": 1}
_SECONDS = ("timeout", "row_timeout", "patience", "list_seconds")


@dataclass(frozen=True)
class Settings:
    """Settings of `score` and `register`; docs/spark.md says which is for what."""

    servers: tuple[str, ...] = ()
    """Addresses; by default `APPLYD_SERVER`, else http://127.0.0.1:8080."""
    key: str | None = None
    """By default `APPLYD_KEY`; without one none is sent."""
    timeout: float = 300
    """Seconds a list may take, waiting for a worker included."""
    row_timeout: float | None = None
    """Seconds a row may take; without it one that hangs takes the time of its list."""
    patience: float = 300
    """Seconds that a list waits for a server that is away or busy; then its task fails."""
    retries: int = 1
    """How often rows go again after a list in which nothing was done in time."""
    in_flight: int = 2
    """Lists that a task has at the servers at one time."""
    list_rows: int = 10_000
    """Rows of a list, at most."""
    list_bytes: int = 4 * 2**20
    """Bytes of a list, at most, unless one row has more."""
    list_seconds: float = 1.0
    """The work in a list that is aimed at."""


def settings_of(given: dict[str, Any]) -> Settings:
    """
    :param given: by name; those that are left out have their defaults
    :raises TypeError: an unknown name
    :raises ValueError: a value that is none, naming the setting, the value and what is allowed
    """
    names = [field.name for field in fields(Settings)]
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = (
                f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
            )
            raise TypeError(f"unknown setting {name}; {hint}")
    servers = given.get("servers")
    if servers is None:
        servers = [os.environ.get("APPLYD_SERVER") or "http://127.0.0.1:8080"]
    key = given.get("key") or os.environ.get("APPLYD_KEY") or None
    if key is not None and not (isinstance(key, str) and _KEY.fullmatch(key)):
        raise ValueError("key is not what `applyd key create` prints; it has no spaces")
    settings = Settings(**{**given, "servers": _servers(servers), "key": key})
    for name in _SECONDS:
        value = getattr(settings, name)
        if name == "row_timeout" and value is None:
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not value > 0
        ):
            raise ValueError(
                f"{name} is {value!r}; it must be a number of seconds above 0"
            )
    for name, least in _WHOLE.items():
        value = getattr(settings, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(
                f"{name} is {value!r}; it must be a whole number, {least} at least"
            )
    return settings


def path_of(ref: str) -> str:
    """
    The path of an algorithm, written `OWNER/NAME` or `OWNER/NAME/VERSION`.

    :raises ValueError: it is written otherwise
    """
    bare = ref.removeprefix("algo://")
    if not _REF.fullmatch(bare):
        raise ValueError(
            f"the algorithm is {ref!r}; it must be OWNER/NAME/VERSION, such as nlp/SentimentAnalysis/1.0.5"
        )
    return f"/v1/algo/{quote(bare)}"


def _servers(servers: Any) -> tuple[str, ...]:
    if isinstance(servers, str) or not servers:
        raise ValueError(
            f"servers is {servers!r}; it must be a list of addresses, such as ['http://127.0.0.1:8080']"
        )
    for url in servers:
        if not isinstance(url, str) or not _is_address(url):
            raise ValueError(
                f"servers has {url!r}; it must be an address such as http://127.0.0.1:8080"
            )
    return tuple(url.rstrip("/") for url in servers)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and not parts.query
        )
    except ValueError:
        return False
