"""Rows cut to what is a good length for a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .inputs import Inputs
from .sizing import Sizing


@dataclass
class Part:
    """Consecutive rows, with what came of them. `None` in `inputs`: it is not sent, and its result is null."""

    inputs: list[bytes | None]
    errors: dict[int, str]
    """By the place of the row here."""
    results: list[Any]


def parts_of(groups: Iterable[Inputs], sizing: Sizing) -> Iterator[Part]:
    """
    The rows of all groups, cut when somebody asks, and no more of them read than that needs.

    :param groups: inputs, and why those are missing that are
    :param sizing: how long a part may be, when it is cut
    """
    inputs: list[bytes | None] = []
    errors: dict[int, str] = {}
    for more, faults in groups:
        errors.update((len(inputs) + index, fault) for index, fault in faults.items())
        inputs += more
        start = 0
        while (end := _end(inputs, start, sizing)) is not None:
            yield _part(inputs, errors, start, end)
            start = end
        del inputs[:start]
        errors = _between(errors, start, len(inputs) + start)
    start = 0
    while start < len(inputs):
        end = _end(inputs, start, sizing) or len(inputs)
        yield _part(inputs, errors, start, end)
        start = end


def _end(inputs: list[bytes | None], start: int, sizing: Sizing) -> int | None:
    """Where the part ends that begins here; `None` if it has room for more than there is."""
    end = start + sizing.rows
    candidates = inputs[start:end]
    room = sizing.bytes - len(candidates)
    if sum(map(len, filter(None, candidates))) <= room:
        return end if end <= len(inputs) else None
    for index, candidate in enumerate(candidates):
        room -= len(candidate or b"")
        if room < 0:
            return start + max(index, 1)
    return None


def _part(
    inputs: list[bytes | None], errors: dict[int, str], start: int, end: int
) -> Part:
    own = _between(errors, start, end)
    return Part(inputs[start:end], own, [None] * (end - start))


def _between(errors: dict[int, str], start: int, end: int) -> dict[int, str]:
    """Those of these rows, counted from the first."""
    return {
        index - start: fault for index, fault in errors.items() if start <= index < end
    }
