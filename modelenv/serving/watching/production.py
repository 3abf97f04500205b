"""Diagnose findings from production: what they mean elsewhere, and how to mend them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ...base.settings import Settings
from ...base.text import counted, few, visible
from ...folder.model_folder import ModelFolder
from ...repair.context import Knowledge, versions_of
from ...repair.diagnose import apply_rules, gather_knowledge
from ...repair.diagnosis import Diagnosis, SuggestedEdit
from ...repair.reading.failure import Failure
from ...seal.leaks import Leak, LeakKind
from .finding import Finding
from .watch_log import WatchLog
from .words import problem

_LEAKS: dict[str, LeakKind] = {
    "files": "file",
    "libraries": "library",
    "programs": "program",
    "hosts": "host",
}
_EXTEND = "extend the example so that the capture sees it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """Findings from serving a model that its capture did not have."""

    file: Path
    """The file they are stored in."""
    is_recorded: bool = True
    """Whether that file exists; if not, the model was not watched and nothing is known."""
    found: tuple[Diagnosis, ...] = ()
    """Problems that occur, or would where only the pins are installed, the earliest first."""
    lesser: tuple[Finding, ...] = ()
    """Other code of pinned distributions, and what was looked for in vain."""

    @property
    def good(self) -> bool:
        """Whether nothing fails."""
        return not self.found

    def __bool__(self) -> bool:
        return bool(self.found or self.lesser)

    def __str__(self) -> str:
        """Return it as a few lines of text."""
        if not self.is_recorded:
            return f"there is no record of production: {self.file} does not exist"
        if not self:
            return "nothing that the capture had not seen"
        lines = [f"in production ({self.file}):"]
        lines += ["\n".join(f"  {line}" for line in str(each).splitlines()) for each in self.found]
        pinned = [each for each in self.lesser if each.weight == "pinned"]
        if pinned:
            names = few([each.distribution or each.name for each in pinned])
            lines.append(
                f"  it reached code of pinned distributions that the capture did not: {names}"
            )
        perhaps = [each.name for each in self.lesser if each.weight == "perhaps"]
        if perhaps:
            lines.append(f"  requests failed that had looked for what is not there: {few(perhaps)}")
        optional = [each.name for each in self.lesser if each.weight == "optional"]
        if optional:
            lines.append(f"  it looked for what is not there, and went on: {few(optional)}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
        return {
            "file": str(self.file),
            "recorded": self.is_recorded,
            "found": [each.to_json() for each in self.found],
            "lesser": [each.to_json() for each in self.lesser],
        }


def read_production(folder: ModelFolder, file: Path | None = None) -> Production:
    """Return what serving a model folder has shown, from `file` or the user's state folder.

    Findings that have been pinned since are left out. Raises BadFolderError, InvalidFile, and
    UntrustedFileError if the file cannot be read.
    """
    kept = (
        WatchLog.of_folder(folder, Settings.from_environment()) if file is None else WatchLog(file)
    )
    findings = kept.read()
    if findings is None:
        return Production(file=kept.file, is_recorded=False)
    pins = versions_of(each.requirement for each in folder.environment.requirements)
    left = [each for each in findings if not _is_mended(each, pins)]
    known = gather_knowledge(folder.path) if any(each.failure for each in left) else None
    return Production(
        file=kept.file,
        found=tuple(_diagnoses((each for each in left if each.is_grave), folder, known)),
        lesser=tuple(each for each in left if not each.is_grave),
    )


def _is_mended(finding: Finding, pins: Iterable[str]) -> bool:
    """Return whether a distribution that was not pinned is pinned now."""
    of_others = finding.weight in ("missing", "unpinned", "perhaps", "optional")
    return of_others and canonicalize_name(finding.distribution or "-") in pins


def _diagnoses(
    findings: Iterable[Finding], folder: ModelFolder, known: Knowledge | None
) -> Iterator[Diagnosis]:
    for each in findings:
        found = _by_rules(each, known) or _plain(each, folder)
        yield replace(
            found,
            problem=f"in production {problem(each, is_traced=folder.is_traced)}",
            stage="predict",
            evidence=(*_evidence(each), *found.evidence),
        )


def _by_rules(finding: Finding, known: Knowledge | None) -> Diagnosis | None:
    """Return the diagnosis of a failed run with that error, by the rules of `fix`."""
    if not finding.failure or known is None:
        return None
    return apply_rules(replace(Failure.of_text(finding.failure), pasted=False), known)


def _plain(finding: Finding, folder: ModelFolder) -> Diagnosis:
    """Return a remedy from the finding alone."""
    owner = finding.distribution
    rule = f"production-{finding.weight}"
    if owner:
        add = f"modelenv requirements add -m {shlex.quote(str(folder.path))} {shlex.quote(owner)}"
        return Diagnosis(
            rule=rule,
            problem="",
            subject=owner,
            edit=SuggestedEdit(owner),
            remedy=f"{_EXTEND}, or {add}",
        )
    kind = _LEAKS.get(finding.kind)
    if kind is None:
        remedy = f"{_EXTEND}; a module of your own belongs into the folder's code/"
    else:
        remedy = f"{_EXTEND}; {Leak(kind, finding.name).remedy}"
    return Diagnosis(rule=rule, problem="", subject=finding.name, remedy=visible(remedy))


def _evidence(finding: Finding) -> Iterator[str]:
    times = counted(finding.count, "time")
    yield visible(f"seen {times}, first at {finding.first} with request {finding.request}")
    if finding.failed:
        yield f"{counted(finding.failed, 'request')} failed for it, the last at {finding.last}"
    if finding.by:
        yield visible(f"asked for by {finding.by}")
