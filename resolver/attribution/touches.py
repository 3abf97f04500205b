"""Evidence from files, libraries, programs and metadata that were touched."""

from __future__ import annotations

# Paths are strings here, as everywhere that many of them are compared.
# ruff: noqa: PTH117, PTH119
import os
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from packaging.utils import canonicalize_name

from .values import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..installed.environment import Distribution, Installed
    from .values import Accessed, EvidenceKind

FILES = ("file", "library", "program")
"""The kinds that have a path."""
KINDS = (*FILES, "metadata")

# Code that looks up this many distributions, and this share of all, is taken to scan them.
_SCANNED = 5
_SCANNED_PART = 0.8


def without_scans(touched: Iterable[Accessed], installed: Installed) -> Iterator[Accessed]:
    """Yield the touches without those of code that scanned all distributions.

    A place in the code that looked up at least five distributions by name, and at least four of
    every five that are installed, went through all: that is no evidence of any of them.
    """
    touches = tuple(touched)
    asked: dict[tuple[str | None, int | None], set[str]] = defaultdict(set)
    for touch in touches:
        if touch.kind == "metadata":
            asked[touch.importer_file, touch.line].add(canonicalize_name(touch.name))
    scans = {place for place, names in asked.items() if _is_scan(names, installed)}
    for touch in touches:
        if touch.kind != "metadata" or (touch.importer_file, touch.line) not in scans:
            yield touch


def evidence_of(touch: Accessed, owner: Distribution, installed: Installed) -> Evidence:
    """Return a touch as evidence of the distribution that it belongs to."""
    name = touch.name if touch.kind == "metadata" else _listed_name(touch.name, owner, installed)
    file = touch.importer_file and installed.relative(touch.importer_file)
    kind = cast("EvidenceKind", touch.kind)
    return Evidence(name, touch.importer, file, touch.line, kind, touch.phase == "input")


def _is_scan(names: set[str], installed: Installed) -> bool:
    found = sum(installed.get(name) is not None for name in names)
    return found >= _SCANNED and found >= _SCANNED_PART * len(tuple(installed))


def _listed_name(file: str, owner: Distribution, installed: Installed) -> str:
    """Return a file's path relative to its path entry, or to the environment: "bin/ruff"."""
    inside = installed.relative(file)
    if not os.path.isabs(inside):
        return inside
    for location in (owner.location, os.path.realpath(owner.location)):
        with suppress(ValueError):  # another drive of Windows has no relative path
            path = os.path.relpath(file, location).replace(os.sep, "/")
            if path in owner.record:
                return path.removeprefix("../").replace("../", "")
    return os.path.basename(file)
