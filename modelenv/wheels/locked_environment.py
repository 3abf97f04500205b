"""A locked environment, as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
"""The name of a variable in the file of a lock, as pip and uv put its value for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedEnvironment:
    """An environment as it is installed: each of its files, with its hash."""

    name: Literal["model", "server", "tools"]
    lines: tuple[str, ...]
    """As pip reads them with --require-hashes: ``numpy==2.4.6 --hash=sha256:…``, sorted by name.

    What is no wheel of an index, as a wheel that travels, is a line of its version too: its file
    stands among the wheels.
    """
    options: tuple[str, ...] = ()
    """Option lines that tell pip where to look; none in a wheelhouse.

    A login is replaced by names of variables, or its line is left out.
    """
    unwritten: tuple[str, ...] = ()
    """The variables of pip's that stand for the lines which would hold a login: PIP_INDEX_URL."""
    wheels: tuple[Path, ...] = ()
    """The files on this machine that travel; all of them in a wheelhouse."""
    sources: tuple[str, ...] = ()
    """The names that have no wheel and are built from their source."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Return what a build has to be given, since it stands in no file."""
        named = (name for line in self.options for name in VARIABLE.findall(line))
        return tuple(dict.fromkeys((*named, *self.unwritten)))
