"""Rules for what an installed distribution has by RECORD: a file, a library, a program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from ..context import Case, place_of
from ..diagnosis import Diagnosis
from ..owners.files import FileKind, shown
from ..reading.chain import Raised
from .missing import left_behind

_WORDS: Mapping[FileKind, str] = {
    "file": "the file",
    "library": "the shared library",
    "program": "the program",
}


def recorded(case: Case, kind: FileKind, name: str, raised: Raised) -> Diagnosis | None:
    """Return which installed distribution has what is missing; None: none, or it is pinned.

    If it is pinned to another version than the one that has the file, that one is the advice.
    """
    owners = case.known.file_owners(kind, name)
    inside = shown(name)
    what = f"{_WORDS[kind]} {inside if kind == 'file' else _base(inside)}"
    pinned = [each for each in owners if each.name in case.known.pins]
    for owner in pinned:
        if str(owner.version) not in ("", case.known.pins[owner.name]):
            return case.diagnosis(
                "other-version",
                f"{case.known.pinned(owner.name)} does not have {what}",
                owner.name,
                (f"here {owner.name} {owner.version} has it", *raised.evidence),
                edit=f"{owner.name}=={owner.version}",
            )
    if pinned or not owners:
        return None
    first, *others = owners
    return case.diagnosis(
        f"missing-{kind}",
        f"{what} is missing, which is of the distribution {first.name}",
        first.name,
        (
            f"here it belongs to {first.name} {first.version}",
            *_asked(case, kind, _base(inside)),
            *raised.evidence,
            *left_behind(case, first.name),
        ),
        edit=case.known.requirement(first.name),
        alternatives=tuple(each.name for each in others),
    )


def check_used(case: Case) -> Diagnosis | None:
    """Diagnose what the trace saw used, the message names, and no pin has."""
    for raised in reversed(case.failure.chain):
        for touch in case.known.touches:
            found = _used(case, touch, raised)
            if found is not None:
                return found
    return None


def _used(case: Case, touch: Mapping[str, Any], raised: Raised) -> Diagnosis | None:
    name = str(touch.get("name", ""))
    if touch.get("kind") == "metadata" and _names(raised.message, name):
        return _unpinned(case, touch, canonicalize_name(name), raised)
    kind = next((each for each in _WORDS if each == touch.get("kind")), None)
    plain = kind == "file" and "." not in _base(name)  # the name may be an ordinary word
    if kind is None or plain or not _names(raised.message, _base(name)):
        return None
    return recorded(case, kind, name, raised)


def _unpinned(case: Case, touch: Mapping[str, Any], name: str, raised: Raised) -> Diagnosis | None:
    if name in case.known.pins:
        return None
    by = place_of(touch)
    return case.diagnosis(
        "missing-distribution",
        f"the distribution {name} is asked for by its name and is not there",
        name,
        (
            f"the trace saw it looked up{f' by {by}' if by else ''}",
            *raised.evidence,
            *left_behind(case, name),
        ),
        edit=case.known.requirement(name),
        certain=False,
    )


def _asked(case: Case, kind: FileKind, base: str) -> list[str]:
    verb = {"file": "read", "library": "loaded", "program": "started"}[kind]
    used = (each for each in case.known.touches if each.get("kind") == kind)
    places = (place_of(touch) for touch in used if _base(str(touch.get("name"))) == base)
    by = next(filter(None, places), "")
    return [f"the trace saw it {verb} by {by}"] if by else []


def _base(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _names(message: str, word: str) -> bool:
    """Return whether a message has a name as a word of its own."""
    whole = rf"(?<![\w.-]){re.escape(word)}(?![\w-])"
    return bool(word) and word in message and re.search(whole, message) is not None
