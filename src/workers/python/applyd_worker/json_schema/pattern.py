"""The patterns of a schema, which are regular expressions of JavaScript."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .document import Document, NotASchema, NotSupported, shown
from .rules import escape
from .translation import Untranslatable, translate


def compile_pattern(source: str, pointer: str) -> re.Pattern[str]:
    """
    Args:
        pointer: where the pattern stands in its document

    Raises:
        NotASchema: neither JavaScript nor Python can read it
        NotSupported: Python cannot
    """
    try:
        return _compile(source)
    except Untranslatable as error:
        raise NotSupported(
            f"{error} in the pattern at {pointer}",
            "list the characters, as in [A-Za-z]",
        ) from None
    except (re.error, ValueError, OverflowError) as error:
        raise NotASchema(
            f"{pointer} {shown(source)} is no regular expression for Python: {error}"
        ) from None


def compile_patterns(
    schema: dict[str, Any], document: Document
) -> dict[str, re.Pattern[str]]:
    """Those of the schema's patternProperties."""
    pointer = f"{document.pointer(schema)}/patternProperties"
    sources = schema.get("patternProperties", ())
    return {
        source: compile_pattern(source, f"{pointer}/{escape(source)}")
        for source in sources
    }


@lru_cache(maxsize=256)
def _compile(source: str) -> re.Pattern[str]:
    return re.compile(translate(source), re.ASCII)
