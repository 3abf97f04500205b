"""Text out of structured logs: what their records hold of a failure, as Python would print it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_HEAD = "Traceback (most recent call last)"
# A piece of JSON, or of what `repr` gave: its line ends are two signs each.
_ESCAPED = re.compile(r"Traceback \(most recent call last\):?\\+n")
_ESCAPE = re.compile(r"\\([nrt\"'/\\])")
_SIGNS = {"n": "\n", "r": "", "t": "\t"}
_CLASS = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|NotFound)")
_SAYS = re.compile(r"(?:value|message|msg|detail|description)$", re.IGNORECASE)
_CAUSE = "\n\nThe above exception was the direct cause of the following exception:\n\n"
_FRAME_KEYS = (("filename", "abs_path", "file"), ("lineno", "line"), ("name", "function"))


@dataclass(frozen=True, slots=True)
class Record:
    """The texts and exceptions in a JSON object."""

    texts: tuple[tuple[tuple[str, ...], str], ...]
    """Every text in it, with the keys that lead to it."""
    exceptions: tuple[str, ...]
    """Those that it describes by their parts, the first cause first."""

    @property
    def place_of_traceback(self) -> tuple[str, ...] | None:
        """The keys that lead to the longest text with a traceback."""
        found = [(len(said), keys) for keys, said in self.texts if _HEAD in said]
        return max(found)[1] if found else None

    def shown(self, place: tuple[str, ...] | None) -> str:
        """Return the text at a place, else the exceptions, else all of its texts."""
        if place is not None:
            return next((said.rstrip("\n") for keys, said in self.texts if keys == place), "")
        return _CAUSE.join(self.exceptions) or "\n".join(said for _, said in self.texts)


def without_colours(text: str) -> str:
    """Return a text without what colours it on a terminal."""
    return _COLOURS.sub("", text)


def unpacked(text: str) -> str:
    """Return a text without colours, its JSON records replaced by what they hold.

    If a record has a traceback, the text at that place of every record is taken: a container's
    logger makes one record of each line. Else a record is all the texts in it.
    """
    text = without_colours(text)
    whole = _record(text)
    records = [whole] if whole else [_record(line) or line for line in text.splitlines()]
    read = (each for each in reversed(records) if isinstance(each, Record))
    place = next(filter(None, (each.place_of_traceback for each in read)), None)
    shown = (each.shown(place) if isinstance(each, Record) else each for each in records)
    return _unescaped("\n".join(shown))


def _record(text: str) -> Record | None:
    """Return the JSON object that a text is, or ends with; one that nests too deeply is none."""
    start = text.find("{")
    if start < 0 or not text.rstrip().endswith("}"):
        return None
    try:
        found = json.loads(text[start:])
        if not isinstance(found, dict) or not found:
            return None
        return Record(tuple(_texts(found)), tuple(_exceptions(found)))
    except (ValueError, RecursionError):
        return None


def _texts(node: object, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text in a record, with the keys that lead to it."""
    if isinstance(node, str):
        yield keys, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts(value, (*keys, key))
    elif isinstance(node, Sequence):
        for value in node:
            yield from _texts(value, keys)


def _exceptions(node: object) -> list[str]:
    """Return the exceptions that a record describes by their parts, the first cause first."""
    if isinstance(node, Mapping):
        own = _exception(node)
        return [own] if own else [told for each in node.values() for told in _exceptions(each)]
    if isinstance(node, str) or not isinstance(node, Sequence):
        return []
    causes_last = any(isinstance(each, Mapping) and each.get("is_cause") for each in node)
    ordered = reversed(node) if causes_last else node
    return [told for each in ordered for told in _exceptions(each)]


def _exception(node: Mapping[str, Any]) -> str:
    """Return the traceback of an object with a class, a message and perhaps frames; else ''."""
    texts = {key: value for key, value in node.items() if isinstance(value, str)}
    kind = next((value for value in texts.values() if _CLASS.fullmatch(value)), "")
    said = next((value for key, value in texts.items() if _SAYS.search(key)), "")
    if not kind or not said:
        return ""
    frames = "".join(_frame(each) for each in _frames(node))
    return f"{_HEAD}:\n{frames}{kind}: {said}" if frames else f"{kind}: {said}"


def _frames(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = node.get("stacktrace")
    found = node.get("frames") or (inner.get("frames") if isinstance(inner, Mapping) else None)
    listed = found if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, Mapping)]


def _frame(frame: Mapping[str, Any]) -> str:
    file, line, function = (
        next((frame[key] for key in keys if frame.get(key)), "") for keys in _FRAME_KEYS
    )
    if not file or not str(line).isdigit():
        return ""
    code = frame.get("context_line") or ""
    shown = f"    {str(code).strip()}\n" if code else ""
    return f'  File "{file}", line {line}, in {function or "<module>"}\n{shown}'


def _unescaped(text: str) -> str:
    while _ESCAPED.search(text):
        text = _ESCAPE.sub(lambda found: _SIGNS.get(found[1], found[1]), text)
    return text
