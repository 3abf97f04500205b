"""The globals named by the pickles of a folder: all files, recognized by content."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from ...base.siblings import tracer
from ...base.text import in_bytes
from .walk import Listed, shortly, walk, why
from .wheels import is_wheel

_SECONDS = 1.0  # seconds of CPU time, for all files of a folder
_MOST_OPCODES = 1_000_000
_MOST_FILES = 20_000
_NO_TIME = f"no time is left: {_SECONDS:g} s of CPU and {_MOST_OPCODES:,} opcodes are for them all"
_PYTHON = "Python code"
_WHEEL = "a distribution: its code runs once it is installed"


@dataclass(frozen=True, slots=True)
class UnscannedFile:
    """A file, or a part of one, that was not scanned."""

    name: str
    """Relative to the folder, as ``artifacts/net.pt!archive/data.pkl``."""
    size: int
    """In bytes; 0 if unknown."""
    reason: str

    def __str__(self) -> str:
        """Return its name with its size and the reason."""
        return f"{shortly(self.name)} ({in_bytes(self.size)}): {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FolderPickles:
    """The globals named by the pickles of a folder: a list, not a verdict on safety."""

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The globals of each file or part that is a pickle, by its name in the folder."""
    commanding: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those that are known to run commands or code in the pickle, likewise."""
    unscanned: tuple[UnscannedFile, ...] = ()

    @property
    def globals(self) -> tuple[str, ...]:
        """All named globals, sorted."""
        return tuple(sorted({name for names in self.named.values() for name in names}))

    @classmethod
    def of(cls, folder: Path, code: Path, loaded: Collection[str] = ()) -> FolderPickles:
        """Scan every file of a folder except Python files below `code`, which are listed elsewhere.

        `loaded` are the names that the model is declared to load, which are always scanned. No link
        is followed, and only regular files are opened. Nothing is executed, and files that vanish
        or change meanwhile are listed as not scanned.
        """
        survey = _Survey(frozenset(loaded), code)
        for count, found in enumerate(walk(folder)):
            if count >= _MOST_FILES:
                survey.note(".", 0, f"only the first {_MOST_FILES:,} files were looked into")
                break
            survey.look_into(found)
        return cls(survey.named, survey.commanding, tuple(survey.unscanned))


@dataclass(slots=True)
class _Survey:
    """The findings in a folder so far, and the remaining budget."""

    loaded: frozenset[str]
    code: Path
    until: float = field(default_factory=lambda: time.thread_time() + _SECONDS)
    opcodes: int = _MOST_OPCODES
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    commanding: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unscanned: list[UnscannedFile] = field(default_factory=list)

    def note(self, name: str, size: int, reason: str) -> None:
        """Record a file that was not scanned."""
        self.unscanned.append(UnscannedFile(name, size, reason))

    def look_into(self, found: Listed) -> None:
        """Scan a file, or record why not."""
        left = self.until - time.thread_time()
        reason = _refused(found) or ("" if left > 0 and self.opcodes > 0 else _NO_TIME)
        if not reason and not self._is_loaded(found.name) and is_wheel(found.path, found.name):
            reason = _WHEEL
        if reason:
            self.note(found.name, found.about.st_size if found.about else 0, reason)
            return
        try:
            survey = tracer.survey_pickles(found.path, seconds=left, opcodes=self.opcodes)
        except OSError as error:
            self.note(found.name, found.size, why(error))
            return
        self.opcodes -= survey.opcodes
        for part, names in survey.named.items():
            place = f"{found.name}!{part}" if part else found.name
            self.named[place] = tuple(map(str, names))
            known = tuple(str(each) for each in names if each.runs_commands)
            self.commanding |= {place: known} if known else {}
        told = found.path.suffix == ".py" and self.code in found.path.parents
        for each in survey.unscanned:
            if not (told and each.reason.startswith(_PYTHON)):
                place = f"{found.name}!{each.part}" if each.part else found.name
                self.note(place, each.size, each.reason)

    def _is_loaded(self, name: str) -> bool:
        """Return whether the model is declared to load a file, or a folder above it."""
        above = accumulate(name.split("/"), lambda one, other: f"{one}/{other}")
        return not self.loaded.isdisjoint(above)


def _refused(found: Listed) -> str:
    """Return why a file is not scanned; empty if it is."""
    if found.reason or found.about is None:
        return found.reason
    if stat.S_ISLNK(found.about.st_mode):
        try:
            return f"a link, to {os.readlink(found.path)}"  # noqa: PTH115  # a string, valid as a path or not
        except OSError as error:
            return why(error)
    return "" if stat.S_ISREG(found.about.st_mode) else "no regular file"
