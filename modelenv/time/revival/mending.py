"""Run an old model with its pins, and add what is missing by its failure, as of its day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.siblings import envfiles, resolver
from ...environments.spec import Report
from ...folder.model_folder import ModelFolder
from ...pins.change.obtainable import WITH_PKG_RESOURCES
from ...pins.change.repin import by_name, changes_of
from ...repair.diagnose import gather_knowledge, try_to_verify
from ...repair.diagnosis import Diagnosis
from ...repair.evidence.import_graph import ImportGraph
from ...repair.mend.search import Repair
from ...run.isolated import RunOptions
from ...worker.verdict import Verdict
from .reading.hints import built_with
from .values import AppliedRule

_WITHOUT_PKG_RESOURCES = Version("81")
PKG_RESOURCES = "pkg_resources"
"""The module that setuptools has had until release 81, and that old libraries import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """The last run of a model, and its pins."""

    verdict: Verdict
    pins: tuple[str, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)
    """The reason for each line that was added or moved, by its name."""
    rules: tuple[AppliedRule, ...] = ()
    problem: Diagnosis | None = None
    """The problem that remains if it does not run in the end."""

    @property
    def is_of_the_input(self) -> bool:
        """Whether it failed at its input, as far as is known, and lacks nothing."""
        known = self.problem is not None and self.problem.rule not in ("model-raised", "unknown")
        return self.verdict.stage == "input" or not known

    @property
    def notes(self) -> Iterator[str]:
        """Yield sentences about a model that does not run, with the way out."""
        if self.verdict.good or self.problem is None:
            return
        yield self.problem.problem if self.problem.certain else f"{self.problem.problem} (a guess)"
        if self.problem.edit is not None:
            line = self.problem.edit.requirement
            yield f"if {line} is what is meant: --add {line} (extra_requirements=[{line!r}])"


def lacks_pkg_resources(verdict: Verdict) -> bool:
    """Return whether a run failed for lack of `pkg_resources`, which setuptools had."""
    return PKG_RESOURCES in verdict.missing or f"No module named '{PKG_RESOURCES}" in verdict.detail


def setuptools_line(spec: envfiles.EnvSpec) -> str:
    """Return the line for the setuptools of an old environment.

    If none is stated it is the newest of its day that has ``pkg_resources``.
    """
    version = built_with(spec)
    known = version is not None and version < _WITHOUT_PKG_RESOURCES
    return f"setuptools=={version}" if known else f"setuptools{WITH_PKG_RESOURCES}"


def _without_commands(said: str) -> str:
    """Leave out commands for the unfinished folder: users cannot run them."""
    return "\n".join(line for line in said.splitlines() if not line.strip().startswith("mend: "))


def mend(folder: ModelFolder, how: RunOptions, report: Report, steps: int) -> Mended:
    """Run the model of a draft until it runs, or until `steps` changes did not help."""
    first = try_to_verify(folder, how)
    stated = tuple(entry.requirement for entry in folder.environment.requirements)
    if first.good:
        return Mended(verdict=first, pins=stated)
    installed = resolver.Installed((), folder.pins.target())
    known = gather_knowledge(folder.path, index=True, indexes=how.indexes)
    repair = Repair(
        folder=folder,
        how=how,
        # The distributions installed here are today's.
        knowledge=replace(known, installed=installed),
        installed=installed,
        graph=ImportGraph(folder, installed),
        sources=folder.sources(how.settings.environment).with_indexes(how.indexes, how.report),
        report=lambda said: report(_without_commands(said)),
    )
    repair.verdicts[how.manager, stated] = first
    repair.run(steps)
    if not repair.verdict.good:
        found = next((each.diagnosis for each in reversed(repair.done) if each.diagnosis), None)
        return Mended(verdict=repair.verdict, pins=repair.stated, problem=found)
    changes = changes_of(by_name(stated), by_name(repair.stated))
    reasons = repair.reasons
    asked = {canonicalize_name(Requirement(edit.line).name) for edit in repair.edits}
    rules = tuple(
        AppliedRule("module", reasons.get(name, "").removeprefix("mended: "), change)
        for name, change in changes.items()
        if name in asked or " -> " in change
    )
    return Mended(verdict=repair.verdict, pins=repair.stated, reasons=reasons, rules=rules)
