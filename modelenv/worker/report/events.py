"""The table of events that a worker may report, and the check of an event against it."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Event = Mapping[str, Any]
Check = Callable[[object], bool]

STAGES = ("start", "load", "input", "predict", "predict again", "output", "compare")
UNTYPED = "untyped"
"""The type of a prediction that was not written, since no form can hold it."""
FINAL = ("done", "error")
_MAY_FOLLOW = ("mapped", "settings", "warned")
_MAY_COME_AGAIN = ("stage", "warned")

_LONGEST_TEXT = 100_000  # characters; the worker cuts a traceback at 20,000
_LARGEST = 2**53
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}", re.ASCII)


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _texts_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


def _path(value: object) -> bool:
    """Return whether a value can be a path on this system."""
    if not isinstance(value, str) or not _text(value) or "\0" in value:
        return False
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return bool(value)


def _paths(value: object) -> bool:
    return isinstance(value, list) and all(map(_path, value))


def _version(value: object) -> bool:
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


def _stage(value: object) -> bool:
    return value in STAGES


def _seconds(value: object) -> bool:
    return _number(value) and 0 <= value < math.inf  # type: ignore[operator]


def _number(value: object) -> bool:
    """Return whether a value is a number that a float can hold."""
    if isinstance(value, float):
        return not math.isnan(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def _place(value: object) -> bool:
    return isinstance(value, int) and _number(value) and value >= 0


def _equality(value: object) -> bool:
    return value in ("exactly", "closely", "no")


def _parts(value: object) -> bool:
    return isinstance(value, dict) and all(_texts(value.get(key)) for key in ("equal", "different"))


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


_COMPARED: Mapping[str, Check] = {
    "equal": _equality,
    "largest": _or_none(_number),
    "where": _or_none(_text),
    "what": _or_none(_text),
}
EVENTS: Mapping[str, Mapping[str, Check]] = {
    "hello": {"executable": _path, "prefix": _path, "version": _text},
    "interpreter": {
        "executable": _path,
        "base": _path,
        "version": _version,
        "path": _paths,
        "stdlib": _paths,
        "markers": _texts_by_name,
    },
    "stage": {"name": _stage},
    "warned": {"category": _text, "message": _text, "place": _text},
    "loaded": {},
    "output": {"type": _text, "file": _path},
    "again": _COMPARED,
    "unrecorded": {},
    "compared": _COMPARED,
    "parts": {"equal": _texts, "different": _texts},
    "done": {"load": _seconds, "predict": _seconds},
    "error": {
        "stage": _stage,
        "type": _text,
        "message": _text,
        "missing": _texts,
        "traceback": _text,
    },
    "mapped": {"libraries": _texts},
    "settings": {"values": _texts_by_name},
}
"""The events by kind, with a check for each required value; further values are ignored."""
_WHERE_IT_HAS_THEM: Mapping[str, Mapping[str, Check]] = {
    "again": {"parts": _or_none(_parts)},
    "compared": {"parts": _or_none(_parts)},
    "error": {"example": _or_none(_place)},
    "interpreter": {"free_threaded": _flag},
    "output": {"class": _text, "reason": _text, "encoding": _text},
}
# Further values that each kind of equality requires.
_WITH_EQUALITY: Mapping[str, Mapping[str, Check]] = {
    "exactly": {},
    "closely": {"largest": _number},
    "no": {"where": _text, "what": _text},
}


def nonsense_of(event: object, before: Sequence[Event], output: Path | None) -> str:
    """Return the fault of an event that came after those `before`; empty if it is valid.

    `output` is where the prediction was to be written, without a suffix.
    """
    if not isinstance(event, dict):
        return f"a line of it is {_shown(event)}, and no event"
    kind = event.get("event")
    if not isinstance(kind, str) or kind not in EVENTS:
        return f"an event of it is called {_shown(kind)}"
    return (
        _out_of_order(kind, [each["event"] for each in before])
        or _wrong_field(event, kind)
        or (_elsewhere(event["file"], output) if kind == "output" and "file" in event else "")
    )


def _out_of_order(kind: str, before: Sequence[str]) -> str:
    if not before and kind != "hello":
        return f"it begins with {kind!r}, and not with the interpreter's name"
    if kind in before and kind not in _MAY_COME_AGAIN:
        return f"{kind!r} comes twice"
    final = next((each for each in before if each in FINAL), None)
    if final is not None and kind not in _MAY_FOLLOW:
        return f"{kind!r} comes after {final!r}, which is the end"
    return ""


def _wrong_field(event: Event, kind: str) -> str:
    needed = dict(EVENTS[kind])
    if kind == "output" and event.get("type") == UNTYPED:
        del needed["file"]
    optional = _WHERE_IT_HAS_THEM.get(kind, {})
    needed.update((key, check) for key, check in optional.items() if key in event)
    for key, check in needed.items():
        if key not in event:
            return f"{kind!r} lacks {key!r}"
        if not check(event[key]):
            return f"the {key!r} of {kind!r} is {_shown(event[key])}"
    if EVENTS[kind] is _COMPARED:
        for key, check in _WITH_EQUALITY[event["equal"]].items():
            if not check(event[key]):
                return f"the {key!r} of {kind!r} is {_shown(event[key])}"
    return ""


def _elsewhere(name: str, output: Path | None) -> str:
    """Return the fault of a prediction reported at a wrong place; empty if the place is right."""
    file = Path(name)
    if output is None:
        return "it has a prediction that was not requested"
    if file.parent == output.parent and file.name.startswith(f"{output.name}."):
        return ""
    return f"its prediction is {_shown(name)}, and not where it was to be"


def _shown(value: object) -> str:
    """Return a short text for a value of any length.

    >>> _shown("not so"), _shown([1, 2]), _shown(True), _shown(None)
    ("'not so'", 'a list', 'True', 'None')
    """
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"a text of {len(value):,} characters"
    if value is None or isinstance(value, (bool, float)):
        return repr(value)
    return {list: "a list", dict: "an object", int: "a number"}[type(value)]
