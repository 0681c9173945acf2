"""The work behind BentoML."""

from __future__ import annotations

from typing import Union

import bentoml
from index import apply

Texts = Union[str, list[str]]


@bentoml.service(
    workers=2,
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class Shout:
    @bentoml.api
    async def shout(self, text: Texts, /) -> dict[str, Texts]:
        return {"result": apply(text)}
