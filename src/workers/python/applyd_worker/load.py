"""From an entry file to the functions that serve calls (api-contract §11.5)."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any, Callable, NamedTuple

from .errors import TypedError

_PYTHON_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OLDEST = (3, 9)


class Algorithm(NamedTuple):
    """
    What the author's module offers: its `load`, and what makes of that one's value the function of one input that
    serves a call. Both may answer with an awaitable.
    """

    load: Callable[[], Any] | None
    bind: Callable[[Any], Callable[[Any], Any]]


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


def load_module(entry: str, folder: str, algorithm: str) -> Algorithm:
    """
    Imports the module and finds its functions.

    Raises TypedError: a LoadingError that names file and line where there is one, and what to install.
    """
    if sys.version_info < _OLDEST:
        raise TypedError(
            "LoadingError",
            f"{sys.executable} is Python {sys.version.split()[0]}, and 3.9 is the oldest that can be used; "
            "name another with APPLYD_PYTHON",
        )
    try:
        module = _import(entry, folder)
    except Exception as error:
        text = _place(error, folder) + _in_words(error, algorithm)
        raise TypedError("LoadingError", text) from error
    registered = getattr(sys.modules.get("adk"), "registered", None)
    if registered is not None:
        return Algorithm(registered.load, lambda _: registered.apply)
    return _algorithm_of(module, os.path.relpath(entry, folder))


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


def _algorithm_of(module: Any, place: str) -> Algorithm:
    apply = getattr(module, "apply", None)
    apply_batch = getattr(module, "apply_batch", None)
    load = getattr(module, "load", None)
    load = load if callable(load) else None
    if not callable(apply) and callable(apply_batch):
        apply = _single(apply_batch)
    if not callable(apply):
        raise TypedError(
            "LoadingError", f"{place} has no apply: define a function of that name"
        )
    required, most = _positional(apply)
    if required > 2 or most < 1 or (required == 2 and load is None):
        raise TypedError(
            "LoadingError",
            f"{place}: apply takes {required} arguments; it gets the input, and what load() returned if there is one",
        )
    if load is not None and most >= 2:
        return Algorithm(load, lambda loaded: lambda value: apply(value, loaded))
    return Algorithm(load, lambda _: apply)


def _single(apply_batch: Callable[..., Any]) -> Callable[..., Any]:
    """A module with only `apply_batch`: one input is a batch of one (interface §9)."""

    def apply(value: Any) -> Any:
        results = apply_batch([value])
        if len(results) != 1:
            raise TypedError(
                "AlgorithmError",
                f"apply_batch answered {len(results)} results for 1 inputs",
            )
        return results[0]

    return apply


def _positional(function: Callable[..., Any]) -> tuple[int, int]:
    """How many arguments it must have and may have by position."""
    import inspect  # takes 10 ms to load

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a builtin
        return 1, 1
    places = [
        p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    required = sum(p.default is p.empty for p in places)
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return required, 1 if takes_any and not places else len(places)


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
