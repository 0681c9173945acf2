"""Values of numpy and pandas as plain ones; neither library is imported for that."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """
    Numpy's scalars and arrays, and pandas' series, indexes and frames: a frame is the list of its rows. What they
    hold may have to be made plain in its turn.

    Raises TypeError: the value is something else, or nothing of JSON; its message says what.
    """
    library = type(value).__module__.partition(".")[0]
    if library == "pandas" and hasattr(value, "to_dict") and hasattr(value, "columns"):
        if not value.columns.is_unique:
            raise TypeError("a DataFrame with two columns of the same name")
        return value.to_dict("records")
    if library in ("numpy", "pandas") and hasattr(value, "tolist"):
        if _is_time(value):  # of nanoseconds `tolist` makes integers
            return list(value)
        listed = value.tolist()
        if type(listed) is not type(value):  # as it is for a longdouble
            return listed
    raise TypeError(f"a {type(value).__name__}")


def _is_time(value: Any) -> bool:
    """Whether it holds dates or durations; such a scalar is nothing of JSON."""
    is_time = getattr(getattr(value, "dtype", None), "kind", "") in ("m", "M")
    if is_time and not getattr(value, "ndim", 0):
        raise TypeError(f"a {type(value).__name__}")
    return is_time
