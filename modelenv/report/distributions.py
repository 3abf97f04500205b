"""One row per distribution: its pin, the reason for it, its size, and its import time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from ..repair.evidence.import_graph import ImportGraph
from .import_tree import ImportTree


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionRow:
    """One pin of the model's environment."""

    name: str
    requirement: str
    """The requirement that pins it: ``==2.4.6``, ``>=1.2``, ``@ https://…``."""
    because: str
    """The reason for the pin, as the environment files give it."""
    here: str
    """The version installed here; empty if it is not installed."""
    size: int | None
    """Its size here in bytes; None if the pinned version is not installed here."""
    seconds: float | None
    """Seconds to import its modules, without what they import; None if no import was timed."""
    modules: int
    """The number of its modules that were imported."""
    newest: str | None = None
    """The newest version for the model's Python; None if no index was asked, empty if unknown."""

    @property
    def version(self) -> str:
        """The pinned version; without one, the requirement itself."""
        pinned = self.requirement.removeprefix("==")
        return pinned if "=" not in pinned else self.requirement

    @property
    def steps(self) -> str:
        """The largest step to the newest version: `major`, `minor`, `patch`, or empty."""
        try:
            old, new = Version(self.version), Version(self.newest or "")
        except InvalidVersion:
            return ""
        if new <= old:
            return ""
        pairs = (("major", old.major, new.major), ("minor", old.minor, new.minor))
        return next((name for name, was, is_now in pairs if was != is_now), "patch")

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON-serialisable data."""
        return asdict(self)


def iter_rows(
    graph: ImportGraph, tree: ImportTree, newest: Mapping[str, str] | None
) -> Iterator[DistributionRow]:
    """Yield the rows by name; `newest` maps names to newest versions, if an index was asked."""
    took = tree.by_owner()
    for name, pin in sorted(graph.pins.items()):
        found = graph.installed.get(name)
        fits = found is not None and _is_met(pin, found.version)
        seconds, modules = took.get(name, (None, 0))
        yield DistributionRow(
            name=name,
            requirement=_asked(pin),
            because=graph.comments[name],
            here="" if found is None else str(found.version),
            size=found.size if found is not None and fits else None,
            seconds=seconds,
            modules=modules,
            newest=None if newest is None else newest.get(name, ""),
        )


def _asked(pin: Requirement) -> str:
    return f"@ {pin.url}" if pin.url else str(pin.specifier)


def _is_met(pin: Requirement, version: Version) -> bool:
    return pin.specifier.contains(version, prereleases=True)
