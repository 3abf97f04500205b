"""A row for each distribution: its pin, why it is there, its size, what importing it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from ..repair.import_graph import ImportGraph
from .import_tree import ImportTree


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionRow:
    """One pin of the model's environment."""

    name: str
    requirement: str
    """The requirement on it: ``==2.4.6``, ``>=1.2``, ``@ https://…``."""
    because: str
    """The reason why it is there, as the environment files state it."""
    here: str
    """The version that is installed here; empty where it is not."""
    size: int | None
    """Bytes of it here; None where it is not installed here as it is pinned."""
    seconds: float | None
    """The time to import its modules, without their own imports; None: nothing was timed."""
    modules: int
    """The number of its modules that were imported."""
    newest: str | None = None
    """The newest version for the model's Python; None: nobody asked, empty: none is known."""

    @property
    def version(self) -> str:
        """The pinned version, else what is asked for."""
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
        """Return it as plain data."""
        return asdict(self)


def iter_rows(
    graph: ImportGraph, tree: ImportTree, newest: Mapping[str, str] | None
) -> Iterator[DistributionRow]:
    """Yield the rows, by name; `newest` has the newest version of each, where somebody asked."""
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
