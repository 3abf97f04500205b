"""Errors of models that are revived, upgraded or bisected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..base.errors import NamedOption, Spell, WrongUseError
from ..environments.errors import OLDEST, is_too_old
from ..environments.spec import minor


@dataclass(eq=False)
class NoDateError(WrongUseError):
    """Nothing dates an old model, so the meaning of its open lines is unknown."""

    path: Path

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        option = spell(NamedOption("as_of", "2021-06-30"))
        return (
            f"{self.path}: nothing in it says when it was made (utc_time_created of MLmodel does),"
            f" and what its requirements leave open is resolved as of then: say it, as {option}"
        )


@dataclass(eq=False)
class NothingAdvisedError(WrongUseError):
    """`security` was asked for without advisories, or together with other names."""

    asked: tuple[str, ...]
    """The names that were given too."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        security = spell(NamedOption("security", value=True))
        if self.asked:
            names = ", ".join(self.asked)
            return f"{security} moves what advisories name, and no other names: leave out {names}"
        files = spell(NamedOption("advisories", "all.zip"))
        return f"{security} moves what advisories name: say where they are, as {files}"


@dataclass(eq=False)
class NoModelError(WrongUseError):
    """The path to revive is no model folder, and no pickle with requirements."""

    path: Path
    reason: str

    def __str__(self) -> str:
        """Return the path and the reason."""
        return f"{self.path}: {self.reason}"


@dataclass(eq=False)
class NoPythonError(WrongUseError):
    """No available Python has files for all pins of an old model."""

    stated: str
    """The Python that the model states; empty: it states none."""
    tried: tuple[tuple[str, str], ...]
    """The available versions, each with the reason against it."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        wanted = f"Python {self.stated}, which it states," if self.stated else "a Python for it"
        if not self.tried:
            minor = self.stated or "3.9"
            return (
                f"{wanted} is not here, and no newer one is: `uv python install {minor}` or pyenv"
                f" gets one; {spell(NamedOption('python', '3.9'))} takes another"
            )
        against: dict[str, list[str]] = {}
        for version, reason in self.tried:
            against.setdefault(reason, []).append(version)
        lines = [
            f"  Python {', '.join(versions)}: {reason}" for reason, versions in against.items()
        ]
        build = spell(NamedOption("build", value=True))
        return "\n".join(
            [
                f"no Python that is here has a file for all that the model pins; {build} also"
                " builds from source distributions:",
                *lines,
            ]
        )


@dataclass(eq=False)
class BytecodeError(WrongUseError):
    """An old pickle contains bytecode, and the Python that compiled it cannot run it here."""

    file: Path
    stated: str
    """The Python that the model states; empty: it states none."""
    asked: str = ""
    """The version that was requested in its place; empty: none was."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        holds = (
            f"{self.file} holds code by value (functions or classes that were pickled by their"
            " code, not by their names), which only the minor version of Python runs that compiled"
            " it, and"
        )
        if not self.stated:
            return f"{holds} nothing says which: say it, as {spell(NamedOption('python', '3.8'))}"
        its = minor(self.stated)
        if is_too_old(self.stated):
            return (
                f"{holds} that is Python {its}, older than any that models are run with ({OLDEST}"
                f" and newer): load it with Python {its} and pickle it anew with its code in a"
                " module that is imported, which then travels as source"
            )
        if self.asked:
            named = spell(NamedOption("python", its))
            return f"{holds} that is Python {its}, not {self.asked}: take that ({named})"
        return f"{holds} that is Python {its}, which is not here: `uv python install {its}` gets it"
