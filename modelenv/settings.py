"""What the environment says, read once, at the door."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What this process was started with that matters to us."""

    environment: Mapping[str, str]
    """The environment variables that a model's process gets."""
    uv: Path | None
    """The uv program, where there is one."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment of this process."""
        environment = dict(os.environ)  # noqa: TID251  # this is the door
        uv = shutil.which("uv", path=environment.get("PATH"))
        return cls(environment, Path(uv) if uv else None)
