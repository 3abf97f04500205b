"""Errors of a fleet: its state, its engine, its tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..base import VERSION
from ..base.errors import ModelenvError, NamedOption, Spell, WrongUseError


@dataclass(eq=False)
class StateFileError(WrongUseError):
    """A file cannot be the state of a fleet; it is left unchanged."""

    file: Path
    reason: str
    """The fault, as the rest of a sentence that begins with the file's name."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        option = spell(NamedOption("state"))
        return (
            f"{self.file} {self.reason}: it was left as it is; name another file with {option}, or"
            " put this one out of the way, and what it holds is done again"
        )


@dataclass(eq=False)
class FleetBusyError(ModelenvError):
    """Another run is working on the same fleet."""

    file: Path
    holder: str
    """The process that holds the lock, in words."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        option = spell(NamedOption("state"))
        return (
            f"{self.holder or 'another run'} is at work on this fleet ({self.file}): wait for it,"
            f" or keep this one apart with {option}"
        )


@dataclass(eq=False)
class EngineMissingError(WrongUseError):
    """The client library of a cluster is not installed here."""

    engine: str

    def __str__(self) -> str:
        package = "dask[distributed]" if self.engine == "dask" else self.engine
        return (
            f"{self.engine} is not installed beside modelenv: pip install '{package}', here and on"
            " the cluster's machines; threads of this machine need nothing"
        )


@dataclass(eq=False)
class ClusterFailedError(ModelenvError):
    """A cluster cannot be reached, or could not be started here."""

    exit_code = 3

    engine: str
    address: str | None
    cause: BaseException

    def __str__(self) -> str:
        what = f"the cluster at {self.address}" if self.address else f"a cluster of {self.engine}"
        said = " ".join(str(self.cause).split()) or type(self.cause).__name__
        return f"{what} cannot be reached, or started: {said}"


@dataclass(eq=False)
class OtherVersionError(WrongUseError):
    """A machine of a cluster has another version of modelenv."""

    there: str

    def __str__(self) -> str:
        return (
            f"the cluster has modelenv {self.there}, and this is {VERSION}: install one version on"
            " all machines"
        )


@dataclass(eq=False)
class TableFormatError(WrongUseError):
    """A table cannot be written in the format of its file name."""

    file: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"
