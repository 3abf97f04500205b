"""What can go wrong before a model runs: no such Python, no such manager, nothing to build from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..base.errors import UNPROVEN, ModelenvError, NamedOption, Spell, WrongUseError


@dataclass(eq=False)
class PythonMissingError(WrongUseError):
    """No interpreter of the version that a model needs was found."""

    version: str
    looked: tuple[str, ...]
    uv: bool = field(kw_only=True)
    """Whether uv is there to install one."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        minor = ".".join(self.version.split(".")[:2])
        ways = [f"`uv python install {minor}`"] if self.uv else []
        ways += [
            f"`pyenv install {self.version}`",
            f"`conda create -n python{minor} python={minor}`",
        ]
        return (
            f"the model needs Python {self.version}, and there is no Python {minor} here (looked"
            f" at: {', '.join(self.looked)})\n"
            f"Get one with {', '.join(ways[:-1])} or {ways[-1]}. To run a model:"
            f" {spell(NamedOption('env_manager', 'conda'))} brings its own. To save one:"
            f" {spell(NamedOption('python'))} takes the path of an interpreter too, and"
            f" {spell(UNPROVEN)} needs none."
        )


@dataclass(eq=False)
class ManagerMissingError(WrongUseError):
    """The program of an environment manager is not there."""

    manager: str
    programs: tuple[str, ...]

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        *first, last = self.programs
        absent = f"{', '.join(first)} and {last} are" if first else f"{last} is"
        way = "`pip install modelenv[uv]`" if self.manager == "uv" else "install one"
        return (
            f"the environment manager {self.manager} was asked for, and {absent} not on PATH:"
            f" {way}, or choose another {spell(NamedOption('env_manager')).removesuffix('=')}"
        )


@dataclass(eq=False)
class NotReplicableError(ModelenvError):
    """An installed distribution has no list of its files."""

    name: str
    version: str
    info: str

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return (
            f"{self.name} {self.version} has no list of its files (RECORD) in {self.info}, so no"
            " replica can hold it: reinstall it with pip, choose another environment manager, or"
            f" give {spell(UNPROVEN)}"
        )


@dataclass(eq=False)
class NotUnpackedError(ModelenvError):
    """A wheel that travels with a model cannot be laid out."""

    wheel: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.wheel} cannot be unpacked: {self.reason}; save the model again"


@dataclass(eq=False)
class BuildFailedError(ModelenvError):
    """An environment could not be built from the pins."""

    manager: str
    command: str
    output: str

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return (
            f"building the environment with {self.manager} failed: {self.command}\n"
            f"{self.output.rstrip()}\n"
            "modelenv fix looks for requirements that can be had; when a model is saved,"
            f" {spell(UNPROVEN)} writes the folder without proving it."
        )
