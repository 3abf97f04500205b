"""Errors in the values, files and folders of an environment."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

_MOST_SHOWN = 300  # characters of a fault's text
_MOST_LISTED = 30  # the number of faults listed


@dataclass(frozen=True, slots=True)
class Location:
    """A place: a file, a line in it (from 1), a key in it.

    >>> str(Location("conda.yaml", 9, "dependencies[2].pip[0]"))
    'conda.yaml:9: dependencies[2].pip[0]'
    """

    file: str | None = None
    line: int | None = None
    key: str = ""

    def __str__(self) -> str:
        if self.file is None:
            address = "" if self.line is None else f"line {self.line}"
        else:
            address = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (address, self.key) if part)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and its place."""

    location: Location
    reason: str

    def __str__(self) -> str:
        from .credentials import protect  # its patterns are seldom needed

        address, reason = str(self.location), protect(self.reason)
        return f"{address}: {reason}" if address else reason


class EnvFilesError(Exception):
    """The root of all errors of this package."""


# `eq=False` keeps exceptions hashable, `repr=False` keeps their usual form.
@dataclass(eq=False, repr=False)
class InvalidEntry(EnvFilesError):  # noqa: N818 (says what is wrong by itself)
    """A text is no requirement, or one that no requirements file can hold."""

    text: str
    reason: str

    def __str__(self) -> str:
        from .credentials import protect

        shown = protect(self.text)
        text = shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…"
        return f"{text!r}: {self.reason}"


@dataclass(eq=False, repr=False)
class FaultyError(EnvFilesError):
    """All the faults of one input; the first of them are listed, one a line."""

    faults: Sequence[Fault]

    def __post_init__(self) -> None:
        self.faults = tuple(self.faults)

    def __str__(self) -> str:
        listed = [str(each) for each in self.faults[:_MOST_LISTED]]
        left = len(self.faults) - len(listed)
        return "\n".join([*listed, *([f"and {left:,} more like these"] if left else [])])


class InvalidSpec(FaultyError):  # noqa: N818
    """The fields of an `EnvSpec` are invalid; each fault names its field and entry."""


class InvalidFile(FaultyError):  # noqa: N818
    """A file, or its text, cannot be read; each fault has file, line and key."""


class Disagreement(FaultyError):  # noqa: N818
    """The files of one folder contradict each other; the faults are the lines."""


class FaultList:
    """Collector of the faults of one input, to raise them together.

    >>> faults = FaultList()
    >>> with faults.at(Location("requirements.txt", 3)):
    ...     raise InvalidEntry("numpy=", "no specifier")
    >>> faults.check(InvalidFile)
    Traceback (most recent call last):
        ...
    envfiles.errors.InvalidFile: requirements.txt:3: 'numpy=': no specifier
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    @contextmanager
    def at(self, location: Location) -> Iterator[None]:
        """Note an InvalidEntry of the block as a fault at a location."""
        try:
            yield
        except InvalidEntry as error:
            self.add(location, str(error))

    def add(self, location: Location, reason: str) -> None:
        """Note a fault."""
        self._faults.append(Fault(location, reason))

    def extend(self, faults: Sequence[Fault]) -> None:
        """Note the faults of a part of the input."""
        self._faults += faults

    def collect(
        self, located: Iterable[tuple[Location, _Item]], make: Callable[[_Item], _Made]
    ) -> list[_Made]:
        """Return the result for each item; an InvalidEntry is noted at its location."""
        made = []
        for location, item in located:
            with self.at(location):
                made.append(make(item))
        return made

    def check(self, kind: type[FaultyError]) -> None:
        """Raise all noted faults as one error of a kind; do nothing if there are none."""
        if self._faults:
            raise kind(self._faults)


def collect(
    located: Iterable[tuple[Location, _Item]], make: Callable[[_Item], _Made]
) -> tuple[_Made, ...]:
    """Return the result for each item of a file. Raises InvalidFile with all faults."""
    faults = FaultList()
    made = faults.collect(located, make)
    faults.check(InvalidFile)
    return tuple(made)


@dataclass(eq=False, repr=False)
class StoreError(EnvFilesError):
    """A folder cannot be placed at its target."""

    target: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.target}: {self.reason}"


class TargetExists(StoreError):  # noqa: N818
    """The target exists, and overwriting was not requested."""


class TargetRefused(StoreError):  # noqa: N818
    """The target is not ours to overwrite."""


class TargetUnwritable(StoreError):  # noqa: N818
    """The operating system does not let the target be written."""


class TargetBusy(StoreError):  # noqa: N818
    """Another process has been changing the target for longer than the timeout."""


@dataclass(eq=False, repr=False)
class TargetChanged(StoreError):  # noqa: N818
    """Somebody else changed the target since it was read; nothing is written."""

    changed: tuple[str, ...] = ()
    """The paths in it that were changed."""


class OldFolderRemains(StoreError):  # noqa: N818
    """The new folder is in place but the replaced one could not be removed."""
