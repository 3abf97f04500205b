"""The settings from the environment, read once, at the entry of a public function."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import WrongUseError

IMAGE = "MODELENV_IMAGE"
"""The variable that marks an image, and names the model's environment in it."""


ALLOWS_CODE = "MLFLOW_ALLOW_MODEL_CODE_EXECUTION"
ALLOWS_PICKLES = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"
"""The variables with which an MLflow operator forbids loading models, or pickles."""
_YES, _NO = ("true", "1"), ("false", "0")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment variables and programs of this process on which modelenv depends."""

    environment: Mapping[str, str]
    """The environment variables that a model's process gets."""
    known_uv: Path | None
    """The uv program; None: not known yet."""
    looks_for_uv: bool = False
    """Whether uv is searched for on first use if it is not known."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment of this process."""
        environment = dict(os.environ)  # noqa: TID251  # the one place where the environment is read
        return cls(environment, None, looks_for_uv=True)

    @property
    def uv(self) -> Path | None:
        """The uv program; None if there is none."""
        if self.known_uv is None and self.looks_for_uv:
            return find_uv(self.environment.get("PATH"))
        return self.known_uv

    @property
    def home(self) -> Path | None:
        """The user's home folder; None if unknown."""
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

    def allows(self, variable: str) -> bool:
        """Return whether an MLflow `variable` that can forbid something is unset or true.

        Raises WrongUseError for a value that MLflow accepts as neither true nor false.

        >>> Settings({ALLOWS_PICKLES: "False"}, None).allows(ALLOWS_PICKLES)
        False
        """
        said = self.environment.get(variable, "true")
        if said.lower() not in (*_YES, *_NO):
            raise WrongUseError(f"{variable}={said}: it is true or false (or 1 or 0)")
        return said.lower() in _YES

    def for_own_model(self) -> Settings:
        """Return them without variables that forbid loading: a model to save is loaded already."""
        kept = {
            name: value
            for name, value in self.environment.items()
            if name not in (ALLOWS_CODE, ALLOWS_PICKLES)
        }
        return replace(self, environment=kept)

    @property
    def speculates(self) -> bool:
        """Whether a proof may start before all of its inputs are known."""
        return self.environment.get("MODELENV_SPECULATE") != "off"

    @property
    def is_image(self) -> bool:
        """Whether this is an image that holds only a model's pins and its server."""
        return bool(self.environment.get(IMAGE))

    @property
    def image(self) -> Path | None:
        """The environment of the model's pins in this image; None outside such an image."""
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
    """Return the program of an installed uv distribution, as in a user site; None if missing."""
    from importlib.metadata import PackageNotFoundError, files

    try:
        listed = files("uv") or ()
    except PackageNotFoundError:
        return None
    programs = (Path(str(file.locate())) for file in listed if file.stem == "uv")
    return next((each for each in programs if os.access(each, os.X_OK) and each.is_file()), None)
