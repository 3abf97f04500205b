"""What can be wrong with a model that is to go through time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..base.errors import NamedOption, Spell, WrongUseError


@dataclass(eq=False)
class NoDateError(WrongUseError):
    """Nothing says when an old model was made, so nobody knows what its open lines meant."""

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
    """What advisories name is to move, and no advisories are there, or other names too."""

    asked: tuple[str, ...]
    """The names that were given besides."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        security = spell(NamedOption("security", value=True))
        if self.asked:
            names = ", ".join(self.asked)
            return f"{security} moves what advisories name, and no other names: leave out {names}"
        files = spell(NamedOption("advisories", "pypi.zip"))
        return f"{security} moves what advisories name: say where they are, as {files}"


@dataclass(eq=False)
class NoModelError(WrongUseError):
    """What is to live again is no model folder, and no pickle with requirements."""

    path: Path
    reason: str

    def __str__(self) -> str:
        """Say what, why and the way out."""
        return f"{self.path}: {self.reason}"


@dataclass(eq=False)
class NoPythonError(WrongUseError):
    """No Python that is here can have all that an old model pins."""

    stated: str
    """The Python that the model states; empty: it states none."""
    tried: tuple[tuple[str, str], ...]
    """The versions that are here, each with what stands against it."""

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
        lines = [f"  Python {version}: {reason}" for version, reason in self.tried]
        build = spell(NamedOption("build", value=True))
        return "\n".join(
            [
                f"no Python that is here has a file for all that the model pins; {build} also"
                " builds from source distributions:",
                *lines,
            ]
        )
