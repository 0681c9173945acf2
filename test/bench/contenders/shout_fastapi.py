"""The work behind FastAPI."""

from __future__ import annotations

from typing import Annotated, Union

from fastapi import Body, FastAPI
from index import apply

app = FastAPI()

Texts = Union[str, list[str]]


@app.post("/shout")
async def shout(text: Annotated[Texts, Body()]) -> dict[str, Texts]:
    return {"result": apply(text)}
