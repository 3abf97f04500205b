"""A locked environment as a value: requirement lines with hashes, options, and wheels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
"""Matches a variable in a lock's address, for which pip and uv insert its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedEnvironment:
    """An environment to install: every file with its hash."""

    name: Literal["model", "server", "tools"]
    lines: tuple[str, ...]
    """Lines for pip's --require-hashes, sorted by name: ``numpy==2.4.6 --hash=sha256:…``.

    A file that is on no index, such as a bundled wheel, has a line with its version too: its wheel
    is among `wheels`.
    """
    options: tuple[str, ...] = ()
    """Option lines that tell pip where to look; none in a wheelhouse.

    A login is replaced by the names of variables, or the line is left out.
    """
    unwritten: tuple[str, ...] = ()
    """Variables of pip's to set in place of lines that would hold a login: PIP_INDEX_URL."""
    wheels: tuple[Path, ...] = ()
    """The local files that travel; in a wheelhouse, all of them."""
    sources: tuple[str, ...] = ()
    """The names without a wheel, which are built from source."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names of the variables that have to be set for a build."""
        named = (name for line in self.options for name in VARIABLE.findall(line))
        return tuple(dict.fromkeys((*named, *self.unwritten)))
