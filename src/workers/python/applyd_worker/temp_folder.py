"""A temporary folder that is empty again after each call (api-contract §11.1: what is in /tmp does not survive it)."""

from __future__ import annotations

import os
import sys
import time

# The clock of files may go in steps of 10 ms: a change within that time of another one cannot be told from it.
_CLOCK_STEP_NS = 20_000_000
_UNKNOWN = -1


class TempFolder:
    def __init__(self, path: str) -> None:
        """`path` is made if it is not there."""
        os.makedirs(path, mode=0o700, exist_ok=True)
        self._path = path
        self._descriptor = os.open(path, os.O_RDONLY)
        self._kept: set[str] = set()
        self._settled = _UNKNOWN

    def keep(self) -> None:
        """What is in it now stays, as what `load()` has put there."""
        self._kept.update(os.listdir(self._path))

    def empty(self) -> None:
        """
        Removes what has come into it. If nothing has, that takes half a microsecond. A process that a call has left
        may still write there: the next call tries again.
        """
        try:
            if os.fstat(self._descriptor).st_mtime_ns == self._settled:
                return
            for name in os.listdir(self._path):
                if name not in self._kept:
                    _remove(os.path.join(self._path, name))
            changed = os.fstat(self._descriptor).st_mtime_ns
            is_settled = time.time_ns() - changed > _CLOCK_STEP_NS
            self._settled = changed if is_settled else _UNKNOWN
        except OSError:
            self._settled = _UNKNOWN


def forget_default() -> None:
    """After a fork: what has loaded may have asked already where temporary files go."""
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None


def _remove(path: str) -> None:
    if os.path.islink(path) or not os.path.isdir(path):
        os.unlink(path)
        return
    import shutil  # takes 5 ms to load

    try:
        shutil.rmtree(path)
    except PermissionError:
        _open(path)
        shutil.rmtree(path)


def _open(folder: str) -> None:
    """Its owner may enter it again, and the folders below it."""
    os.chmod(folder, 0o700)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _open(entry.path)
