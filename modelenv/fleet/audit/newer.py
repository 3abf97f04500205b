"""The versions that would be chosen for a pin set today: one resolution for each set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ...base.indexes import Indexes
from ...base.settings import Settings
from ...base.siblings import envfiles, resolver
from ...base.text import few
from ...folder.model_folder import ModelFolder
from ...pins.change.obtainable import obtainable
from ..tasks.refused import REFUSALS, in_a_line


@dataclass(frozen=True, slots=True)
class PinChange:
    """A distribution for which another version would be chosen."""

    name: str
    old: str
    """The pinned version; empty: it is not pinned."""
    new: str
    """The version chosen today; empty: it would not be installed."""

    def __str__(self) -> str:
        """Return it in short form: ``numpy 1.26.4 -> 2.4.6``."""
        return f"{self.name} {self.old or 'absent'} -> {self.new or 'absent'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerPins:
    """A pin set as it would be locked today."""

    pins: str
    """The key of the pin set."""
    relaxed: bool
    """Whether its roots were unpinned, as all of it is pinned: nothing changes by itself."""
    changes: tuple[PinChange, ...] = ()
    open: int = 0
    """The number of its unpinned names, for which there is no version to compare."""
    error: str = ""
    """The error of the resolution; empty: it succeeded."""

    def __str__(self) -> str:
        """Return it in one line."""
        if self.error:
            return f"pin set {self.pins}: not resolved: {self.error}"
        said = few([str(each) for each in self.changes]) or "nothing would change"
        whole = "; all of it is pinned, and changes only if asked to" if self.relaxed else ""
        opened = f"; {self.open} chosen that it leaves open" if self.open else ""
        return f"pin set {self.pins}: {said}{opened}{whole if self.changes else ''}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "pins": self.pins,
            "relaxed": self.relaxed,
            "changes": [
                {"name": each.name, "old": each.old or None, "new": each.new or None}
                for each in self.changes
            ],
            "open": self.open,
            "error": self.error or None,
        }


def newer_pins(key: str, model: Path, known: Mapping[str, str], indexes: Indexes) -> NewerPins:
    """Resolve the pin set of a model as of today; `known` are its present versions.

    An open list is resolved as it is. In a fully pinned one each root may become newer.
    """
    folder = ModelFolder(model)
    relaxed = False
    try:
        relaxed = folder.pins.closed
        resolution = _resolved(folder, indexes, relaxed=relaxed)
    except REFUSALS as error:
        return NewerPins(pins=key, relaxed=relaxed, error=in_a_line(str(error)))
    chosen = {pin.name: str(pin.version) for pin in resolution.pins}
    changes = tuple(
        PinChange(name, known[name], chosen.get(name, ""))
        for name in sorted(known)
        if known[name] and known[name] != chosen.get(name, "")
    )
    new = [name for name in sorted(chosen) if name not in known]
    if relaxed:
        changes += tuple(PinChange(name, "", chosen[name]) for name in new)
    return NewerPins(pins=key, relaxed=relaxed, changes=changes, open=0 if relaxed else len(new))


def _resolved(folder: ModelFolder, indexes: Indexes, *, relaxed: bool) -> resolver.Resolution:
    pins, target = folder.pins, folder.pins.target()
    sources = folder.sources(Settings.from_environment().environment)
    sources = sources.undated().with_indexes(indexes)
    if relaxed:
        lines = [_relaxed(entry) for entry in pins.roots]
    else:
        texts = [entry.requirement for entry in pins.entries]
        lines, _ = obtainable(texts, target, sources.options, sources.settings)
    merged = resolver.merge(
        (),
        pip_requirements=sources.read(lines, layer="requirements.txt"),
        constraints=sources.read(pins.spec.constraints, layer="constraints", constraint=True),
        provided=pins.provided_by_conda(),
        target=target,
    )
    return sources.resolve(merged, resolver.Installed((), target))


def _relaxed(entry: envfiles.Entry) -> str:
    """Return a line that admits newer versions than its pin; a URL is unchanged."""
    if entry.version is None:
        return entry.requirement
    line = Requirement(entry.requirement)
    line.specifier = SpecifierSet(f">={entry.version.partition('+')[0]}")
    return str(line)
