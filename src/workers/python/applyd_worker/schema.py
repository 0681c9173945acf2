from typing import Any, Callable

Check = Callable[[Any], None]


def compile_schema(schema: Any, side: str) -> Check:
    return lambda value: None
