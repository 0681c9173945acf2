"""A schema as a document: what is in it, where, and what a $ref in it points to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin

from .rules import escape
from .shapes import LIST, NAMED, ONE, SHAPES, is_list_of_names

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Keywords that would be wrong to ignore, and what to use.
INSTEAD = {
    "$dynamicRef": "$ref",
    "$recursiveAnchor": "$anchor",
    "$recursiveRef": "$ref",
    "id": "$id",
}


class NotASchema(Exception):
    """Says what is wrong, and where."""


class NotSupported(Exception):
    """Says what is used, and what to do instead."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(
            f"{what}, which is not supported for Python algorithms: {instead}"
        )


class Place(NamedTuple):
    base: str
    pointer: str


class Document:
    def __init__(self, root: Any) -> None:
        """
        Raises:
            NotASchema: naming the place
            NotSupported: naming the keyword
        """
        self._places: dict[int, Place] = {}  # by identity of the schema
        self._resources: dict[str, Any] = {"": root}  # by absolute address
        self._anchors: dict[str, Any] = {}
        if isinstance(root, dict):
            dialect = root.get("$schema", DIALECT)
            if dialect not in (DIALECT, f"{DIALECT}#"):
                raise NotASchema(f'/$schema must be "{DIALECT}", not {shown(dialect)}')
        self._enter(root, Place("", ""))

    def pointer(self, schema: dict[str, Any]) -> str:
        """Where the schema stands in the document."""
        return self._places[id(schema)].pointer

    def target(self, schema: dict[str, Any]) -> Any:
        """
        The schema that the $ref of this one points to.

        Raises:
            NotASchema: it is not in the document
        """
        ref = schema["$ref"]
        base, pointer = self._places[id(schema)]
        try:
            # urljoin knows no fragments of a urn.
            address = base + ref if ref.startswith("#") else urljoin(base, ref)
            resource, _, fragment = address.partition("#")
            fragment = unquote(fragment)
            if fragment and not fragment.startswith("/"):
                return self._anchors[f"{resource}#{fragment}"]
            found = self._resources[resource]
            for part in fragment.split("/")[1:]:
                part = part.replace("~1", "/").replace("~0", "~")
                found = found[int(part) if isinstance(found, list) else part]
        except (LookupError, TypeError, ValueError):
            raise NotASchema(
                f"{pointer}/$ref points to {shown(ref)}, which is not in it: copy that schema under $defs"
            ) from None
        if id(found) not in self._places:  # under a keyword that is none of ours
            top = self._places[id(self._resources[resource])]
            self._enter(found, Place(resource, top.pointer + fragment))
        return found

    def _enter(self, schema: Any, place: Place) -> None:
        """Checks the schema's form and notes where it and all below it stand."""
        base, pointer = place
        if isinstance(schema, bool):
            return
        if not isinstance(schema, dict):
            raise NotASchema(
                f"{pointer or 'it'} must be an object, true or false, not {shown(schema)}"
            )
        for keyword, value in schema.items():
            if keyword in INSTEAD:
                raise NotSupported(f"{pointer}/{keyword}", f"use {INSTEAD[keyword]}")
            if keyword in SHAPES:
                what, fits = SHAPES[keyword]
                if not fits(value):
                    raise NotASchema(
                        f"{pointer}/{keyword} must be {what}, not {shown(value)}"
                    )
        if "$id" in schema:
            try:
                base = urljoin(base, schema["$id"]).rstrip("#")
            except ValueError as error:
                raise NotASchema(f"{pointer}/$id: {error}") from None
            self._name(self._resources, base, schema, pointer)
        for keyword in ("$anchor", "$dynamicAnchor"):
            if keyword in schema:
                self._name(self._anchors, f"{base}#{schema[keyword]}", schema, pointer)
        self._places[id(schema)] = Place(base, pointer)
        for path, part in parts(schema):
            self._enter(part, Place(base, pointer + path))

    def _name(
        self, names: dict[str, Any], name: str, schema: Any, pointer: str
    ) -> None:
        if names.setdefault(name, schema) is not schema:
            raise NotASchema(
                f"{pointer or 'it'} has the name {shown(name)} of another schema in it"
            )


def parts(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schemas right under a schema, with their paths."""
    for keyword, value in schema.items():
        if keyword in ONE:
            yield f"/{keyword}", value
        elif keyword in LIST:
            for index, part in enumerate(value):
                yield f"/{keyword}/{index}", part
        elif keyword in NAMED:
            for name, part in value.items():
                if keyword != "dependencies" or not is_list_of_names(part):
                    yield f"/{keyword}/{escape(name)}", part


def shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
