"""What an author's code raised, in the words of an error envelope (api-contract §3.8)."""

from __future__ import annotations

import os
from typing import NamedTuple

_OUR_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_MAX_TRACEBACK = 64 * 1024


class TypedError(Exception):
    """An error of ours that callers see under its own type, such as InputError."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message


class Described(NamedTuple):
    message: str
    error_type: str
    traceback: str | None


def describe(error: BaseException) -> Described:
    """Describes whatever can be raised, however strange its attributes are. Never raises."""
    try:
        own_type = getattr(error, "error_type", None) or getattr(
            error, "errorType", None
        )
        fallback = (
            "OutOfMemoryError" if isinstance(error, MemoryError) else "AlgorithmError"
        )
        error_type = own_type if isinstance(own_type, str) else fallback
        traceback = None if isinstance(error, TypedError) else author_traceback(error)
        return Described(str(error) or type(error).__name__, error_type, traceback)
    except Exception:
        return Described(
            f"a {type(error).__name__} that cannot be described", "AlgorithmError", None
        )


def author_traceback(error: BaseException) -> str:
    """The traceback without our frames, and without those of the import system, above the author's."""
    import traceback  # takes 8 ms to load

    frames = error.__traceback__
    while frames and _is_ours(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames))
    return text[-_MAX_TRACEBACK:]


def _is_ours(filename: str) -> bool:
    return filename.startswith((_OUR_FOLDER, "<frozen importlib"))
