"""The interface of a builder of environments."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..spec import EnvironmentRequest


class Builder(Protocol):
    """A way to build an environment in a folder."""

    @property
    def name(self) -> str:
        """Return the manager's name, as the command-line option spells it."""

    @property
    def label(self) -> str:
        """Return a description of its environments: "an environment built with uv"."""

    def base(self, request: EnvironmentRequest) -> str:
        """Return the interpreter that it would build with. Raises PythonMissingError."""

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return its sources of files, as lines of a requirements file, logins hidden."""

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build in the folder `root`, which does not exist. Raises BuildFailedError."""
