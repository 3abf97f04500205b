"""The description of an example or a prediction in MLmodel: its type and its location."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .typed import Reader, Stated, inside, lines, mapping, text

_KEYS: Mapping[str, Reader] = {
    "encoding": text,
    "reason": text,
    "class": text,
    "pandas_orient": text,
    "libraries": lines,
    "dtypes": lines,
    "file": inside,
}
"""The keys that are read here; the others are the worker's."""


def description(said: Stated) -> Mapping[str, Any]:
    """Return a description whose files are in the folder itself. Raises BadFolderError.

    One of type `none` describes nothing; one of type `examples` has items, each a description.
    """
    found = _typed(said)
    if found["type"] == "examples":
        if not said.value.get("items"):
            raise said.fault(f"{said.key} does not describe a value")
        return {**found, "items": [description(each) for each in said.at("items").items()]}
    if found["type"] != "none" and "file" not in found:
        raise said.fault(f"{said.key} does not describe a value")
    return found


def _typed(said: Stated) -> Mapping[str, Any]:
    """Return a description and those of nested values, with checked types."""
    if not isinstance(said.value, dict) or not isinstance(said.value.get("type"), str):
        raise said.fault(f"{said.key} does not describe a value")
    for key in mapping(said).keys() & _KEYS.keys():
        _KEYS[key](said.at(key))
    for each in _parts(said) if "items" in said.value else ():
        _typed(each)
    found: Mapping[str, Any] = said.value
    return found


def _parts(said: Stated) -> list[Stated]:
    """Return the descriptions of the nested values, by key or in order."""
    items = said.at("items")
    return (
        [items.at(key) for key in items.value] if isinstance(items.value, dict) else items.items()
    )
