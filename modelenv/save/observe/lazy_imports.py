"""Find lazy imports (PEP 810) of the model's own code that the example never used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ...base.siblings import resolver
from ...folder.code.code_plan import CodePlan
from ...repair.owners.modules import sole_owner
from .capture import Captured

KEEP = (
    "further_examples= (--further-example) that use it show what it needs;"
    " extra_pip_requirements= (--requirement) keeps a library, code_paths= (--code-path)"
    " a module of your own"
)


@dataclass(frozen=True, slots=True, order=True)
class UnusedImport:
    """A module that is imported lazily, and that no example used."""

    module: str
    asked_by: str
    """The file and line of the import."""
    distribution: str = ""
    """The installed distribution that it belongs to and that no pin brings; empty if none does."""
    travels: bool = False
    """Whether it is the user's own code and travels, although its imports were not seen."""

    def __str__(self) -> str:
        """Return its name, the import's place, and its owner."""
        whose = f", of {self.distribution}" if self.distribution != self.module else ""
        whose = whose if self.distribution else ", of your own"
        if self.travels:
            whose = ", which travels; what it imports was not seen"
        return f"{self.module} ({self.asked_by}{whose})"


def find_unused(
    captured: Captured,
    installed: resolver.Installed,
    pinned: Collection[str],
    carried: CodePlan,
) -> tuple[UnusedImport, ...]:
    """Return the lazy imports in first-party code that were not used and no pin brings, sorted."""
    found = {each.module: each for each in _unused(captured, installed, pinned, carried)}
    return tuple(sorted(found.values()))


def _unused(
    captured: Captured,
    installed: resolver.Installed,
    pinned: Collection[str],
    carried: CodePlan,
) -> Iterator[UnusedImport]:
    loaded = set(captured.trace.modules)
    for record in reversed(captured.trace.records):
        if record.how != "lazy" or record.name in loaded or record.importer_file is None:
            continue
        is_script = record.importer_file == str(captured.job.model)
        file = captured.job.model.name if is_script else installed.relative(record.importer_file)
        place = f"{file}:{record.line}" if record.line else file
        owner = sole_owner(record.name, installed)
        if owner is None:
            yield UnusedImport(record.name, place, travels=carried.names_module(record.name))
        elif owner.name not in pinned:
            yield UnusedImport(record.name, place, owner.name)
