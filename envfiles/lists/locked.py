"""pylock.toml (PEP 751) as a list: the packages that its extras and groups lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from ..errors import Fault, InvalidFile
from ..lock.pylock import read_pylock, read_toml
from .conditions import environments, requires_python
from .hashes import PinLine, found_beside, hashed_lines
from .marks import ALWAYS, NEVER, TooManyAlternatives, read_marker, spell
from .values import ListContent

if TYPE_CHECKING:
    from ..lock.values import Locked
    from .values import ListFile

_MEMBER = re.compile(
    r"[\"'](?P<name>[^\"']*)[\"'] (?P<operator>(not )?in) (?P<kind>extras|dependency_groups)"
)


def read_locked(file: ListFile) -> ListContent:
    """Return the pins of a lock, each with its marker.

    The default groups are used if no group is named, as in PEP 751. As constraints, all locked
    packages. Raises InvalidFile, and PackagingTooOld.
    """
    content = read_toml(file.text, file=file.path)
    extras, groups = (_names(content.get(key)) for key in ("extras", "dependency-groups"))
    defaults = _names(content.get("default-groups"))
    file.selection.check(file.at(), extras=extras, groups={*groups, *defaults})
    chosen = {
        "extras": set(file.selection.extras),
        "dependency_groups": set(file.selection.groups) or defaults,
    }

    def known(comparison: str) -> bool | None:
        asked = _MEMBER.fullmatch(comparison)
        if asked is None:
            return None
        if file.narrows:
            return True
        is_in = canonicalize_name(asked["name"]) in chosen[asked["kind"]]
        return is_in == (asked["operator"] == "in")

    paths: list[str] = []

    def pins() -> Iterator[PinLine]:
        for package in read_pylock(file.text, file=file.path).packages:
            place = file.at(f"package {package.name}")
            try:
                where = read_marker(package.marker, known) if package.marker else ALWAYS
            except TooManyAlternatives as error:
                reason = "its marker parts too many environments"
                raise InvalidFile([Fault(place, reason)]) from error
            if where != NEVER and not (file.narrows and package.reference):
                paths.extend(each.path for each in package.artifacts if each.path)
                marker = spell(where)
                asked = _asked(file, package)
                text = f"{asked} ; {marker}" if marker else asked
                yield PinLine(place, text, (*package.hashes, *package.other_hashes))

    lines, untold = hashed_lines(file, pins())
    return ListContent(
        lines=(*found_beside(file, paths), *lines),
        conditions=(
            *requires_python(file, content.get("requires-python"), "requires-python"),
            *environments(file, content.get("environments"), "environments"),
        ),
        untold=untold,
    )


def _asked(file: ListFile, package: Locked) -> str:
    if not package.reference:
        return f"{package.name}=={package.version}"
    place, hash_, fragment = package.reference.partition("#")
    if "://" not in place:
        place = (Path(file.path).parent.absolute() / place).resolve().as_uri()
    return f"{package.name} @ {place}{hash_}{fragment}"


def _names(said: Any) -> set[str]:
    return {canonicalize_name(str(each)) for each in said} if isinstance(said, list) else set()
