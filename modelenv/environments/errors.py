"""Errors before a model runs: no suitable Python, no manager, nothing to build from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..base.errors import UNPROVEN, ModelenvError, NamedOption, Spell, WrongUseError
from ..base.text import few

OLDEST = "3.8"
"""The oldest Python with which models are run."""


def is_too_old(version: str) -> bool:
    """Return whether a version of Python is older than `OLDEST`.

    >>> is_too_old("3.5"), is_too_old("3.10.2")
    (True, False)
    """
    oldest = tuple(map(int, OLDEST.split(".")))
    return tuple(map(int, version.split(".")[:2])) < oldest


@dataclass(eq=False)
class PythonMissingError(WrongUseError):
    """No interpreter of the version that a model needs was found."""

    version: str
    looked: tuple[str, ...]
    uv: bool = field(kw_only=True)
    """Whether uv is available to install one."""
    others: tuple[str, ...] = field(default=(), kw_only=True)
    """The releases found of that minor version, if an exact release was asked for."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        threads = "t" if self.version.endswith("t") else ""
        minor = ".".join(self.version.removesuffix("t").split(".")[:2]) + threads
        if is_too_old(self.version.removesuffix("t")):
            return (
                f"Python {self.version} is older than any that models are run with, {OLDEST} and"
                f" newer: {spell(NamedOption('python'))} takes one of these"
            )
        wanted = self.version if self.others else minor
        ways = [f"`uv python install {wanted}`"] if self.uv else []
        ways += [
            f"`pyenv install {self.version}`",
            f"`conda create -n python{wanted} -c conda-forge python-freethreading={wanted[:-1]}`"
            if threads
            else f"`conda create -n python{wanted} python={wanted}`",
        ]
        found = f"; there is {', '.join(self.others)}" if self.others else ""
        return (
            f"the model needs Python {self.version}, and there is no Python {wanted} here (looked"
            f" at: {', '.join(self.looked)}{found})\n"
            f"Get one with {', '.join(ways[:-1])} or {ways[-1]}. To run a model:"
            f" {spell(NamedOption('env_manager', 'conda'))} brings its own. To save one:"
            f" {spell(NamedOption('python'))} takes the path of an interpreter too, and"
            f" {spell(UNPROVEN)} needs none."
        )


@dataclass(eq=False)
class PythonTooOldError(WrongUseError):
    """A model needs an older Python than `OLDEST`."""

    version: str
    oldest: str
    nearest: str | None
    """The oldest supported Python with wheels for all pins; None: there is none, or it is
    unknown.
    """
    lacking: tuple[str, ...] = ()
    """The pins without wheels for the oldest, or why no index could be asked."""

    def __str__(self) -> str:
        text = (
            f"the model needs Python {self.version}, and models are run with Python {self.oldest}"
            " and newer"
        )
        if self.nearest is None:
            said = f" ({few(self.lacking)})" if self.lacking else ""
            return f"{text}; none of them is known to have wheels for all of its pins{said}"
        return (
            f"{text}; the nearest that has wheels for its pins is Python {self.nearest}: write that"
            " into python_env.yaml (python:), in conda.yaml too, and see with `modelenv verify`"
            " whether the model loads there"
        )


@dataclass(eq=False)
class ManagerMissingError(WrongUseError):
    """The program of an environment manager is not installed."""

    manager: str
    programs: tuple[str, ...]

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        *first, last = self.programs
        absent = f"{', '.join(first)} and {last} are" if first else f"{last} is"
        way = "`pip install 'modelenv[uv]'`" if self.manager == "uv" else "install one"
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
    """A wheel that travels with a model cannot be unpacked."""

    wheel: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.wheel} cannot be unpacked: {self.reason}; save the model again"


@dataclass(eq=False)
class NoRoomError(WrongUseError):
    """The disk refused a write of an installer; the pins are not at fault."""

    manager: str
    reason: str
    place: Path

    def __str__(self) -> str:
        return (
            f"building the environment with {self.manager} failed: {self.reason} ({self.place})\n"
            "Make room there (`modelenv cache prune` removes environments that were not used for a"
            " while), or choose other places: MODELENV_CACHE_DIR for what is built, TMPDIR for what"
            " is temporary, and the installer's own for what it downloads (UV_CACHE_DIR,"
            " PIP_CACHE_DIR)."
        )


@dataclass(eq=False)
class BuildFailedError(ModelenvError):
    """An environment could not be built from the pins."""

    manager: str
    command: str
    output: str
    unset: tuple[str, ...] = ()
    """Variables that lines of the folder name, as for a login, and that are not set."""
    lock: Path | None = field(default=None, kw_only=True)
    """The lock that the environment was built from, where that was asked for."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        login = (
            f"Set {' and '.join(self.unset)}: lines of the folder name what is not set here, and an"
            " index that wants a login may seem to have nothing.\n"
            if self.unset
            else ""
        )
        return (
            f"building the environment with {self.manager} failed: {self.command}\n"
            f"{self.output.rstrip()}\n{login}{self._way_out(spell)}"
        )

    def _way_out(self, spell: Spell) -> str:
        if self.lock is not None:
            return (
                f"{self.lock} decides what is installed: lock the model again (modelenv lock), or"
                f" build from its pins, without {spell(NamedOption('lock')).removesuffix('=')}."
            )
        return (
            "modelenv fix looks for requirements that can be had; when a model is saved,"
            f" {spell(UNPROVEN)} writes the folder without proving it."
        )


@dataclass(eq=False)
class AnotherEnvironmentError(WrongUseError):
    """An environment that was made elsewhere differs from the model's pins."""

    what: str
    """The environment, as ``environment of this image``, ``pack``."""
    root: Path
    differing: tuple[str, ...]
    """A sentence for each difference."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        another = spell(NamedOption("env_manager", "uv"))
        return (
            f"the {self.what}, {self.root}, is not that of the model's pins:"
            f" {few(self.differing)}. Make the one of this model, or take an environment of its"
            f" own ({another})."
        )


@dataclass(eq=False)
class FixedEnvironmentError(WrongUseError):
    """Other requirements were given for an environment that was made elsewhere."""

    whose: str
    """The owner of the environment, as ``an image``, ``a pack``."""
    option: str = "pip_requirements_override"

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        option = spell(NamedOption(self.option)).removesuffix("=")
        another = spell(NamedOption("env_manager", "uv"))
        return (
            f"{option} changes the environment, and that of {self.whose} stays as it was made:"
            f" make {self.whose} of the other pins, or take an environment that is built here"
            f" ({another})"
        )


@dataclass(eq=False)
class BadPackError(WrongUseError):
    """A packed environment that is damaged, or not one for this machine."""

    file: Path
    reason: str
    way_out: str = ""

    def __str__(self) -> str:
        """Return the file, the reason and the way out."""
        way = f": {self.way_out}" if self.way_out else ""
        return f"{self.file}: {self.reason}{way}"
