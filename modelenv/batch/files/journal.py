"""The folder beside an output that records finished parts, the process at work, and the end."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.errors import NamedOption, Spell, WrongUseError
from ...base.files.disk import placing
from ...base.siblings import envfiles
from .plan import difference
from .slices.parts import PartsFolder

_PLAN = "plan.json"
_FINISHED = "finished.json"
_WHOLE = "whole"
RESTART = NamedOption("restart", True)
OVERWRITE = NamedOption("overwrite", True)


@dataclass(eq=False)
class OutputStandsError(WrongUseError):
    """The output exists already."""

    path: Path

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return f"{self.path} exists: {spell(OVERWRITE)} replaces it once the new one is whole"

    def __str__(self) -> str:
        return self.told(str)


@dataclass(eq=False)
class OtherRunError(WrongUseError):
    """The parts beside the output belong to a run with other inputs or options."""

    parts: Path
    what: str

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return (
            f"{self.parts} has what a run began and did not finish, and this is another:"
            f" {self.what}. {spell(RESTART)} begins anew and removes it; the same command goes on"
        )

    def __str__(self) -> str:
        return self.told(str)


class OutputJournal:
    """The record of the finished parts of one output."""

    def __init__(self, output: Path) -> None:
        self.output = Path(os.path.realpath(output))
        self.path = self.output.with_name(f"{self.output.name}.parts")
        self.parts = PartsFolder(self.path)

    @property
    def refused(self) -> Path:
        """The file for rows that are left out, at the end of the run."""
        return self.output.with_name(f"{self.output.name}.refused.jsonl")

    @property
    def places(self) -> tuple[Path, Path, Path]:
        """All paths that a run writes: each a file, or a folder with its content."""
        return self.output, self.path, self.refused

    def check_place(self) -> None:
        """Raise WrongUseError if no file can be written there."""
        if not self.output.parent.is_dir():
            raise WrongUseError(f"there is no folder {self.output.parent}")
        if self.output.exists() and not self.output.is_file():
            raise WrongUseError(f"{self.output} is no regular file")

    def check(self, *, overwrite: bool) -> None:
        """Raise OutputStandsError if a file would be overwritten."""
        for file in (self.output, self.refused):
            if os.path.lexists(file) and not overwrite:
                raise OutputStandsError(file)

    def ended(self, told: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the result of a run that was killed while it removed its parts.

        None if there is no such run. Its leftovers are removed; the result of another run is not
        returned.
        """
        try:
            end = json.loads((self.path / _FINISHED).read_bytes())
            if end["standing"] != _standing(self.output):
                return None
        except (OSError, ValueError):
            return None
        found: Mapping[str, Any] = end["told"]
        self._settle(found)
        return found if end["plan"] == _digest(told) else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock the output for the block. Raises WrongUseError if another run holds the lock.

        The lock is on a name beside the folder, since the folder is removed at the end of a run.
        """
        try:
            with envfiles.locked(self.path, "run", patience=0.0):
                yield
        except envfiles.TargetBusy as error:
            said = f"another run writes {self.output}: let it end, or end it"
            raise WrongUseError(said) from error

    def open(self, told: Mapping[str, Any], *, restart: bool) -> None:
        """Create the folder, or continue with the existing one.

        Raises OtherRunError if another run started it, and WrongUseError if it is some other
        folder.
        """
        before = self._read_plan()
        if before is not None and before != told and not restart:
            raise OtherRunError(self.path, difference(before, told))
        if self.path.exists() and (before is None or restart):
            if before is None and not self._is_ours():
                raise WrongUseError(f"{self.path} is no folder of ours: move it away")
            shutil.rmtree(self.path)
            before = None
        self.path.mkdir(parents=True, exist_ok=True)
        if before is None:
            self._put(_PLAN, json.dumps(told).encode())
        for left in (*self.path.glob("*.new"), *self.path.glob("*.running")):  # of a killed process
            with suppress(OSError):
                left.unlink()

    def _is_ours(self) -> bool:
        """Whether the folder contains nothing but the files with which a run starts."""
        names = {each.name for each in self.path.iterdir()} if self.path.is_dir() else {""}
        return all(name.startswith((_PLAN, _FINISHED)) for name in names)

    def _read_plan(self) -> dict[str, Any] | None:
        try:
            told = json.loads((self.path / _PLAN).read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:  # the machine stopped before it was on disk
            return None
        return told if isinstance(told, dict) else None

    @property
    def refused_whole(self) -> Path:
        """The file for rows that are left out, before the output is in place."""
        return self.path / "refused.jsonl"

    @property
    def whole(self) -> Path:
        """The path at which the output is written before it is moved into place."""
        return self.path / f"{_WHOLE}{self.output.suffix}"

    def finish(self, plan: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        """Move `whole` to the place of the output, and remove the parts."""
        with self.whole.open("rb+") as stream:
            os.fsync(stream.fileno())
        standing = {"standing": _standing(self.whole), "plan": _digest(plan), "told": told}
        self._put(_FINISHED, json.dumps(standing).encode())
        self.whole.replace(self.output)
        self._settle(told)

    def _settle(self, told: Mapping[str, Any]) -> None:
        """Move the refused rows beside the output, which is in place; remove the parts."""
        if self.refused_whole.exists():
            self.refused_whole.replace(self.refused)
        elif not told["refused"]:  # the existing one belongs to the output that was replaced
            self.refused.unlink(missing_ok=True)
        self.remove()

    def remove(self) -> None:
        """Remove the parts; the file that identifies the run goes last."""
        last = [self.path / _PLAN, self.path / _FINISHED]
        for each in (*(each for each in self.path.iterdir() if each not in last), *last):
            each.unlink(missing_ok=True)
        self.path.rmdir()

    def _put(self, name: str, data: bytes) -> None:
        new = self.path / f"{name}.new"
        with placing(self.path / name):
            new.write_bytes(data)
        new.replace(self.path / name)


def _standing(file: Path) -> list[int]:
    """Return the identity of a file, which is kept when it is moved."""
    found = file.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _digest(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
