"""uv's settings besides the pins: the places of files, and overrides of metadata."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...pins.package_sources import WHEELS
from ...wheels.locking import looked_in
from ..subject import Subject

_VARIABLE = "${"


@dataclass(frozen=True, slots=True, kw_only=True)
class UvSettings:
    """The table ``[tool.uv]`` of a project or a script, without the keys of projects alone."""

    excluded: frozenset[str]
    """Names that some pin requires and that must not be installed."""
    overridden: frozenset[str]
    """Names whose pin overrides the requirements of others."""
    sources: dict[str, dict[str, str]]
    """The wheels that travel with the model, relative to the file, by name."""
    found_in: dict[str, Any]
    """Indexes and pages of links, as keys of the table."""
    unwritten: tuple[str, ...]
    """Sentences on addresses that are not written."""

    @classmethod
    def of(cls, subject: Subject) -> UvSettings:
        """Return the settings for a model, from its folder's options and pip's configuration."""
        lines, hidden = looked_in(subject.sources)
        kept = [line for line in lines if _VARIABLE not in line]
        named = [line.partition(" ")[0] for line in lines if _VARIABLE in line]
        unwritten = [
            f"{each}: its address holds a login, which uv takes from variables of its own"
            for each in (*named, *hidden)
        ]
        found = subject.otherwise
        place = f"{subject.model}/{WHEELS}"
        sources = {name: {"path": f"{place}/{file.name}"} for name, file in subject.bundled.items()}
        return cls(
            excluded=frozenset(found.excluded),
            overridden=frozenset(found.overridden),
            sources=sources,
            found_in=_found_in(kept),
            unwritten=tuple(unwritten),
        )

    def table(self, pins: Iterable[str]) -> dict[str, Any]:
        """Return the table, with overrides for those of `pins` that need one."""
        overrides = [line for line in pins if _name(line) in self.overridden]
        said: dict[str, Any] = {
            "exclude-dependencies": sorted(self.excluded),
            "override-dependencies": overrides,
            "sources": self.sources,
            **self.found_in,
        }
        return {key: value for key, value in said.items() if value}


def _found_in(lines: Iterable[str]) -> dict[str, Any]:
    """Return option lines of pip's as keys of uv's.

    >>> _found_in(["--index-url https://wheels.example/own"])
    {'index': [{'url': 'https://wheels.example/own', 'default': True}]}
    """
    said: dict[str, list[Any]] = {"index": [], "find-links": [], "allow-insecure-host": []}
    for line in lines:
        option, _, value = line.partition(" ")
        if option == "--index-url":
            said["index"].append({"url": value, "default": True})
        elif option == "--extra-index-url":
            said["index"].insert(0, {"url": value})
        elif option == "--find-links":
            said["find-links"].append(value)
        elif option == "--trusted-host":
            said["allow-insecure-host"].append(value)
    found: dict[str, Any] = {key: value for key, value in said.items() if value}
    if "--no-index" in lines:
        found["no-index"] = True
    if len(said["index"]) > 1:  # pip treats all indexes alike
        found["index-strategy"] = "unsafe-best-match"
    return found


def _name(line: str) -> str:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    return canonicalize_name(Requirement(line).name)
