"""From an entry file to the functions that serve calls (api-contract §11.5)."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any, NamedTuple

from .errors import TypedError

_PYTHON_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def prepare_path(entry: str, folder: str) -> None:
    """
    What the author's code may import: what lies beside it, our `adk` before an installed one, everything
    installed, and our `Algorithmia` where that is not installed.
    """
    ours = [path for path in sys.path if os.path.abspath(path) == _PYTHON_FOLDER]
    for path in ours:
        sys.path.remove(path)
    beside = list(dict.fromkeys((os.path.dirname(entry), folder)))
    sys.path[:0] = [*beside, os.path.join(_PYTHON_FOLDER, "lib")]
    sys.path.append(os.path.join(_PYTHON_FOLDER, "fallback"))
    sys.argv = [entry]


class Module(NamedTuple):
    """What serves a version, each an `adk.ADK`; one at least is there."""

    apply: Any
    """The one that the module has made, or one of its `apply` and `load`."""
    apply_batch: Any
    """One of its `apply_batch`, with the same `load`."""


def load_module(entry: str, folder: str, algorithm: str) -> Module:
    """
    Imports the module.

    Raises TypedError: a LoadingError that names file and line where there is one, and what to install.
    """
    import adk  # ours; it may be imported now that the path is prepared

    adk.enter_worker()
    try:
        module = _import(entry, folder)
    except Exception as error:
        text = _place(error, folder) + _in_words(error, algorithm)
        raise TypedError("LoadingError", text) from error
    return _served(module, os.path.relpath(entry, folder))


def _import(entry: str, folder: str) -> Any:
    name = os.path.splitext(os.path.relpath(entry, folder))[0].replace(os.sep, ".")
    if "." in name and ".." not in name:
        return importlib.import_module(
            name
        )  # `src.NAME`, so that it may say `from . import`
    spec = importlib.util.spec_from_file_location(name, entry)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules[name] = module
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def _served(module: Any, place: str) -> Module:
    """The kit's rules hold for a module that does not use it, too."""
    from adk import ADK, registered

    algorithm = registered()
    apply = getattr(module, "apply", None)
    apply_batch = getattr(module, "apply_batch", None)
    load = algorithm.load_func if algorithm else getattr(module, "load", None)
    has_batch = callable(apply_batch)
    if not (algorithm or callable(apply) or (apply is None and has_batch)):
        raise TypedError(
            "LoadingError", f"{place} has no apply: define a function of that name"
        )
    try:
        return Module(
            algorithm or (ADK(apply, load) if apply else None),
            ADK(apply_batch, load) if has_batch else None,
        )
    except TypeError as error:
        raise TypedError("LoadingError", f"{place}: {error}") from error


def _in_words(error: Exception, algorithm: str) -> str:
    text = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
    if isinstance(error, ModuleNotFoundError):
        return (
            f"{text}; name it in requirements.txt and run: applyd install {algorithm}"
        )
    return text


def _place(error: Exception, folder: str) -> str:
    """`index.py:3: ` where the error comes from a file of the folder."""
    places = []
    frames = error.__traceback__
    while frames:
        places.append((frames.tb_frame.f_code.co_filename, frames.tb_lineno))
        frames = frames.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno or 0))
    for filename, line in reversed(places):
        if filename.startswith(folder + os.sep):
            return f"{os.path.relpath(filename, folder)}:{line}: "
    return ""
