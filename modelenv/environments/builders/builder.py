"""What a builder of environments is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..spec import EnvironmentRequest


class Builder(Protocol):
    """A way to build an environment in a folder."""

    @property
    def name(self) -> str:
        """Return the manager's name, as the command's option spells it."""

    @property
    def label(self) -> str:
        """Return what it makes, in words: "an environment built with uv"."""

    def base(self, request: EnvironmentRequest) -> str:
        """Return which interpreter it would build with. Raises PythonMissingError."""

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return where it would look for files, as lines of a requirements file, logins hidden."""

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build in the folder `root`, which does not exist. Raises BuildFailedError."""
