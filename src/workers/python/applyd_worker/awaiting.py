"""The event loop of a worker, for authors who write `async def`; asyncio loads only for them."""

from __future__ import annotations

from typing import Any

_loop: Any = None


def settle(value: Any) -> Any:
    """What an awaitable answers with; any other value as it is."""
    if not hasattr(value, "__await__"):
        return value
    global _loop
    if _loop is None:
        import asyncio

        _loop = asyncio.new_event_loop()
        asyncio.set_event_loop(_loop)
    return _loop.run_until_complete(value)


def forget_loop() -> None:
    """After a fork: a loop belongs to the process that made it."""
    global _loop
    _loop = None
