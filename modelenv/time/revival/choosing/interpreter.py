"""The Python for an old model: the stated one, in any patch, else the nearest newer one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ....base.settings import Settings
from ....base.siblings import resolver
from ....environments.errors import OLDEST, PythonMissingError, is_too_old
from ....environments.interpreter import Python
from ....environments.pythons.discovery import find
from ....environments.pythons.named_python import NamedPython
from ....environments.spec import Report, minor
from ...errors import BytecodeError, NoPythonError
from ..values import AppliedRule
from .pinning import OldPins

_NEWEST = 15
_OLDEST = int(OLDEST.partition(".")[2])

Pinned = Callable[[resolver.Target], OldPins]
"""A function that returns the pins for a target; raises the resolver's errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPython:
    """The Python of a revived model, and the pins for it."""

    version: str
    pins: OldPins
    rule: AppliedRule


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonChoice:
    """The facts about the Python of an old model, and the choice."""

    stated: str
    """The version that the model states; empty: none."""
    here: Python
    settings: Settings
    report: Report
    bytecode: Path | None = None
    """The pickle with bytecode, which only one Python runs; None: no pickle has any."""
    any_can_be_had: bool = False
    """Whether the environment manager installs the Python too, as conda does."""

    def chosen(self, pinned: Pinned, asked: NamedPython | None) -> OldPython:
        """Return the Python and its pins: the `asked` one, if any.

        Raises NoPythonError if no available one has the files, BytecodeError if another than
        the model's own would have to run its bytecode, the resolver's errors if the stated one
        is available and its pins are not, and PythonMissingError for a requested one that is older
        than any.
        """
        if self.bytecode is not None:
            self._check_bytecode(self.bytecode, asked)
        if asked is not None:
            return self._asked(pinned, asked)
        if self.stated:
            version = self._at_hand(self.stated)
            if version is not None:
                return self._stated(pinned, version)
            return self._first(pinned, self._newer())
        return self._first(pinned, self._all())

    def _check_bytecode(self, file: Path, asked: NamedPython | None) -> None:
        if asked is not None:
            known = not self.stated or minor(asked.version) == minor(self.stated)
        else:
            known = bool(self.stated) and self._at_hand(self.stated) is not None
        if not known:
            raise BytecodeError(file, self.stated, "" if asked is None else asked.version)

    def _asked(self, pinned: Pinned, asked: NamedPython) -> OldPython:
        if is_too_old(asked.version.removesuffix("t")):
            raise PythonMissingError(asked.version, (), uv=self.settings.uv is not None)
        same = minor(asked.version) == minor(self.stated or asked.version)
        change = "" if same else f"Python {self.stated} -> {asked.version}"
        rule = AppliedRule("python", f"Python {asked.version} is asked for", change)
        return OldPython(version=asked.version, pins=pinned(_target(asked.version)), rule=rule)

    def _stated(self, pinned: Pinned, version: str) -> OldPython:
        exact = version == self.stated
        other = f"the model states Python {self.stated}, and {version} of the same line is here"
        reason = f"Python {version}, as the model states" if exact else other
        rule = AppliedRule("python", reason)
        return OldPython(version=version, pins=pinned(_target(version)), rule=rule)

    def _first(self, pinned: Pinned, versions: Iterator[str]) -> OldPython:
        """Return the first version with files for all pins as stated, else for changed ones."""
        tried: list[tuple[str, str]] = []
        changed: OldPython | None = None
        for version in versions:
            self.report(f"looking for what the pins need on Python {version}")
            try:
                pins = pinned(_target(version))
            except resolver.ConflictError as error:
                tried.append((version, " ".join(error.sentences)[:300]))
                continue
            found = OldPython(version=version, pins=pins, rule=self._other(version))
            if pins.is_as_stated:
                return found
            changed = changed or found
        if changed is None:
            raise NoPythonError(self.stated, tuple(tried))
        return changed

    def _other(self, version: str) -> AppliedRule:
        if not self.stated:
            reason = f"no Python is stated: {version} is the newest here with files for all pins"
            return AppliedRule("python", reason)
        number = int(minor(self.stated).partition(".")[2])
        missing = f"Python {minor(self.stated)} is not here"
        if number < _OLDEST:
            missing = f"nothing here runs models of Python {minor(self.stated)}"
        reason = f"{missing}: {version} is the nearest newer one with files for all pins"
        return AppliedRule("python", reason, f"Python {self.stated} -> {version}")

    def _newer(self) -> Iterator[str]:
        stated = int(minor(self.stated).partition(".")[2])
        return self._here(range(max(stated + 1, _OLDEST), _NEWEST + 1))

    def _all(self) -> Iterator[str]:
        return self._here(range(_NEWEST, _OLDEST - 1, -1))

    def _here(self, numbers: range) -> Iterator[str]:
        for number in numbers:
            version = self._at_hand(f"3.{number}")
            if version is not None:
                yield version

    def _at_hand(self, version: str) -> str | None:
        if int(minor(version).partition(".")[2]) < _OLDEST:
            return None
        if self.any_can_be_had:
            return version
        with suppress(PythonMissingError):
            return find(version, self.here, self.settings).version
        return None


def _target(version: str) -> resolver.Target:
    """Return a target of this machine: this very one if the line is the same."""
    here = resolver.Target.current()
    same = minor(here.python_version) == minor(version)
    return here if same else resolver.Target.of(version)
