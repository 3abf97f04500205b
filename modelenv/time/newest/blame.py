"""Distributions that may have caused a failing trial, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...environments.interpreter import Python
from ...folder.model_folder import ModelFolder
from ...repair.context import Knowledge, not_asked
from ...repair.diagnose import diagnose_verdict
from ...repair.reading.failure import Failure
from ..breaks.breaks import PickleBreak
from ..breaks.written import WrittenPickles
from ..trials.pins import TrialPins
from ..trials.tried import Tried
from .limits import PYTHON, ReleaseLine, python_line

_NAMED = (
    re.compile(r"Can't get attribute '[\w.]+' on <module '([\w.]+)'"),
    re.compile(r"No module named '([\w.]+)'"),
    re.compile(r"module '([\w.]+)' has no attribute '\w+'"),
    re.compile(r"cannot import name '\w+' from (?:partially initialized module )?'([\w.]+)'"),
)
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)==\d")


@dataclass(frozen=True, slots=True)
class Blame:
    """A distribution that may be too new, or Python."""

    name: str
    specifier: str = ""
    """The versions that are known to help: ``<2``; empty: some older version may."""
    certain: bool = True
    """Whether the failure names it; else it merely moved."""
    because: str = ""
    """A sentence about known reasons for the failure."""


@dataclass(frozen=True, slots=True)
class Blaming:
    """The knowledge about a model that explains its failures."""

    before: TrialPins
    """The set before, with which the prediction was the recorded one."""
    knowledge: Knowledge
    written: WrittenPickles

    @classmethod
    def of(cls, folder: ModelFolder, before: TrialPins) -> Blaming:
        """Return the knowledge in a folder. Raises BadFolderError."""
        installed = Python.current().installed()
        knowledge = Knowledge.of_folder(folder, installed, not_asked)
        return cls(before, knowledge, WrittenPickles.of(folder, before.versions))

    def of_trial(self, tried: Tried) -> tuple[Blame, ...]:
        """Return possible causes among the names that are newer than before, each name once.

        Known breaks come first, then names in the failure, then the libraries of its traceback, the
        innermost first; last all others that are newer: globals of the pickle first, Python last.
        """
        moved = moved_lines(self.before, tried.pins)
        certain = [*self._of_failure(tried, moved)] if tried.outcome == "fails" else []
        certain += self._of_build(tried, moved) if tried.outcome == "unbuilt" else []
        others = (Blame(name, certain=False) for name in self._moved(tried, moved))
        found: dict[str, Blame] = {}
        for each in (*certain, *others):
            found.setdefault(each.name, each)
        return tuple(found.values())

    def breaks(self, name: str, line: ReleaseLine) -> tuple[PickleBreak, ...]:
        """Return the known breaks if a line of a distribution reads the pickles."""
        return self.written.breaks({name: Version(str(line))})

    def _of_failure(self, tried: Tried, moved: frozenset[str]) -> Iterator[Blame]:
        versions = {name: str(version) for name, version in tried.pins.versions.items()}
        known = replace(self.knowledge, pins=versions, python=tried.pins.python)
        diagnosis = diagnose_verdict(tried.verdict, known)
        if diagnosis.edit is not None and diagnosis.certain:
            asked = Requirement(diagnosis.edit.requirement)
            name, said = canonicalize_name(asked.name), str(asked.specifier)
            if name in moved:
                helps = said if said.startswith("<") else ""
                yield Blame(name, helps, because=diagnosis.problem if helps else "")
        if diagnosis.subject == PYTHON and PYTHON in moved:
            yield Blame(PYTHON)
        modules = _modules(Failure.of_verdict(tried.verdict))
        yield from (Blame(name) for name in self._owners(modules) if name in moved)

    def _of_build(self, tried: Tried, moved: frozenset[str]) -> Iterator[Blame]:
        """Yield the distribution that could not be built, then Python."""
        said = (canonicalize_name(each) for each in _PINNED.findall(tried.verdict.detail))
        yield from (Blame(name) for name in dict.fromkeys(said) if name in moved)
        yield from [Blame(PYTHON)] if PYTHON in moved else []

    def _moved(self, tried: Tried, moved: frozenset[str]) -> Iterator[str]:
        named = self._owners(each.rpartition(".")[0] for each in self.written.named)
        old, new = self.before.versions, tried.pins.versions
        yield from (each.distribution for each in self.written.silent_changes(old, new))
        yield from (name for name in named if name in moved)
        yield from sorted(moved - {PYTHON})
        yield from moved & {PYTHON}

    def _owners(self, modules: Iterable[str]) -> Iterator[str]:
        for module in filter(None, modules):
            yield self.knowledge.owner_of(module).name


def moved_lines(before: TrialPins, after: TrialPins) -> frozenset[str]:
    """Return the names with a newer line than before; Python is one of them."""
    old, new = before.versions, after.versions
    names = {
        name
        for name, version in new.items()
        if name in old and ReleaseLine.of(version) > ReleaseLine.of(old[name])
    }
    python = {PYTHON} if python_line(after.python) > python_line(before.python) else set()
    return frozenset(names | python)


def _modules(failure: Failure) -> Iterator[str]:
    """Yield the modules that a failure names, and those of its last frames."""
    for raised in reversed(failure.chain):
        for pattern in _NAMED:
            found = pattern.search(raised.message)
            if found is not None:
                yield found[1]
    for raised in reversed(failure.chain):
        yield from (frame.module for frame in reversed(raised.frames))
