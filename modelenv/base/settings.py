"""What the environment says, read once, at the door."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IMAGE = "MODELENV_IMAGE"
"""The variable that says that this is an image, and where in it the model's environment is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What this process was started with that matters to us."""

    environment: Mapping[str, str]
    """The environment variables that a model's process gets."""
    known_uv: Path | None
    """The uv program, where one is known."""
    looks_for_uv: bool = False
    """Whether one that is not known is looked for, once somebody asks for it."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment of this process."""
        environment = dict(os.environ)  # noqa: TID251  # this is the door
        return cls(environment, None, looks_for_uv=True)

    @property
    def uv(self) -> Path | None:
        """The uv program, where there is one."""
        if self.known_uv is None and self.looks_for_uv:
            return find_uv(self.environment.get("PATH"))
        return self.known_uv

    @property
    def home(self) -> Path | None:
        """The user's folder, where that is known."""
        found = self.environment.get("HOME") or self.environment.get("USERPROFILE")
        return Path(found) if found else None

    @property
    def colours(self) -> bool:
        """Whether a terminal may be written to in colours (https://no-color.org)."""
        off = self.environment.get("CLICOLOR") == "0" and not self.forces_colours
        return not (self.environment.get("NO_COLOR") or off)

    @property
    def forces_colours(self) -> bool:
        """Whether what is no terminal is to be written to as one (https://force-color.org)."""
        said = (self.environment.get(name, "") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))
        return any(each.lower() not in ("", "0", "false") for each in said)

    @property
    def speculates(self) -> bool:
        """Whether a proof may be begun before it is known what has to be proven."""
        return self.environment.get("MODELENV_SPECULATE") != "off"

    @property
    def is_image(self) -> bool:
        """Whether this is an image in which nothing is but a model's pins and what serves it."""
        return bool(self.environment.get(IMAGE))

    @property
    def image(self) -> Path | None:
        """The environment of the model's pins in this image, where that is one which names it."""
        said = Path(self.environment.get(IMAGE) or "")
        return said if said.is_absolute() else None


def find_uv(path: str | None, prefix: str = sys.prefix) -> Path | None:
    """Return the uv program: beside this interpreter, on the PATH `path`, or as it was installed.

    The extra ``modelenv[uv]`` puts it beside the interpreter, which need not be on PATH.
    """
    beside = Path(prefix) / ("Scripts" if os.name == "nt" else "bin")
    found = shutil.which("uv", path=str(beside)) or shutil.which("uv", path=path)
    return Path(found) if found else _recorded_uv()


def _recorded_uv() -> Path | None:
    """Return the program of an installed distribution uv: of a user's own site, say."""
    from importlib.metadata import PackageNotFoundError, files

    try:
        listed = files("uv") or ()
    except PackageNotFoundError:
        return None
    programs = (Path(str(file.locate())) for file in listed if file.stem == "uv")
    return next((each for each in programs if os.access(each, os.X_OK) and each.is_file()), None)
