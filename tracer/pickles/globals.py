"""A global that a pickle names, and whether it is known to run commands."""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from pathlib import Path


class Global(str):
    """The full name of a global that a pickle names."""

    __slots__ = ("module", "name")
    module: str
    """The module that unpickling imports."""
    name: str
    """The qualified name in it; empty where only the module is named."""

    def __new__(cls, module: str, name: str) -> Global:
        """Join module and name."""
        made = super().__new__(cls, f"{module}.{name}" if name else module)
        made.module = module
        made.name = name
        return made

    @property
    def runs_commands(self) -> bool:
        """Whether it is known to run commands or code that a pickle brings along.

        An attribute of a function leads back to it: ``eval.__call__``.
        """
        prefixes = accumulate(self.split("."), lambda above, name: f"{above}.{name}")
        return not _commanding().isdisjoint(prefixes)


@cache
def _commanding() -> frozenset[str]:
    """Return the packages and modules of which all is known to run commands, and single functions.

    What loads a further file counts, as that may be a pickle, and what looks up a name that is told
    to it, as that may be any of the others.
    """
    return frozenset(Path(__file__).with_name("commanding.txt").read_text("ascii").split())
