"""What the pickles of a folder name: of every file, by content, whatever it is called."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...base.siblings import tracer
from ...base.text import in_bytes

_SECONDS = 20.0
_MOST_FILES = 100_000
_WHEEL = "a distribution: its code runs once it is installed"


@dataclass(frozen=True, slots=True)
class UnscannedFile:
    """A file, or a part of one, of which it is not known what it would do."""

    name: str
    """Relative to the folder, as ``artifacts/net.pt!archive/data.pkl``."""
    size: int
    """Bytes; 0 where that is not known."""
    reason: str

    def __str__(self) -> str:
        """Name it with its size and the reason."""
        return f"{self.name} ({in_bytes(self.size)}): {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FolderPickles:
    """What the pickles of a folder name. A list, and no verdict: nobody can tell of all."""

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The globals of each file or part that is a pickle, by its name in the folder."""
    commanding: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those that are known to run commands or code that the pickle brings, likewise."""
    unscanned: tuple[UnscannedFile, ...] = ()

    @property
    def globals(self) -> tuple[str, ...]:
        """Every global that is named, sorted."""
        return tuple(sorted({name for names in self.named.values() for name in names}))

    @classmethod
    def of(cls, folder: Path, code: Path) -> FolderPickles:
        """Look into every file of a folder; Python files below `code` are told elsewhere.

        No link is followed, and nothing but regular files is opened. Nothing is executed.
        """
        named: dict[str, tuple[str, ...]] = {}
        commanding: dict[str, tuple[str, ...]] = {}
        unscanned: list[UnscannedFile] = []
        until = time.monotonic() + _SECONDS
        for count, (file, about) in enumerate(_files(folder)):
            if count >= _MOST_FILES:
                reason = f"only the first {_MOST_FILES:,} files were looked into"
                unscanned.append(UnscannedFile(".", 0, reason))
                break
            name = file.relative_to(folder).as_posix()
            reason = _refused(file, about, until)
            if reason:
                unscanned.append(UnscannedFile(name, about.st_size, reason))
                continue
            survey = tracer.survey_pickles(file, seconds=max(0.0, until - time.monotonic()))
            for part, names in survey.named.items():
                place = f"{name}!{part}" if part else name
                named[place] = tuple(map(str, names))
                known = tuple(str(each) for each in names if each.runs_commands)
                commanding |= {place: known} if known else {}
            if file.suffix != ".py" or code not in file.parents:
                unscanned += _of_survey(name, survey)
        return cls(named, commanding, tuple(unscanned))


def _of_survey(name: str, survey: tracer.PickleSurvey) -> Iterator[UnscannedFile]:
    for each in survey.unscanned:
        place = f"{name}!{each.part}" if each.part else name
        yield UnscannedFile(place, each.size, each.reason)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what is in a folder and is none itself, in its order."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        links = [each for each in folders if (Path(place) / each).is_symlink()]
        for name in sorted((*names, *links)):
            file = Path(place, name)
            yield file, file.lstat()


def _refused(file: Path, about: os.stat_result, until: float) -> str:
    """Say why a file is not looked into; nothing where it is."""
    if stat.S_ISLNK(about.st_mode):
        return f"a link, to {os.readlink(file)}"  # noqa: PTH115  # a text, whatever it holds
    if not stat.S_ISREG(about.st_mode):
        return "no regular file"
    if file.suffix == ".whl":
        return _WHEEL
    if not os.access(file, os.R_OK):
        return "it cannot be read"
    return "" if time.monotonic() < until else f"there is no time left ({_SECONDS:g} s)"
