"""Which Python a model runs with: its executable, folders and marker environment."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.siblings import resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """An interpreter, described well enough to resolve for it and to build a replica of it."""

    executable: Path
    base: Path
    """The executable behind a virtual environment's."""
    version: str
    """As ``3.11.7``."""
    path: tuple[str, ...]
    """Its ``sys.path``."""
    stdlib: tuple[str, ...]
    """The folders of its standard library."""
    markers: Mapping[str, str]
    """Its marker environment (PEP 508)."""

    @classmethod
    def current(cls) -> Python:
        """Return the interpreter that runs this."""
        from packaging.markers import default_environment

        folders = {sysconfig.get_path(key) for key in ("stdlib", "platstdlib")}
        return cls(
            executable=Path(sys.executable),
            base=Path(getattr(sys, "_base_executable", None) or sys.executable),
            version=".".join(map(str, sys.version_info[:3])),
            path=tuple(str(Path(entry).absolute()) for entry in sys.path),
            stdlib=tuple(sorted(folder for folder in folders if folder)),
            markers={key: str(value) for key, value in default_environment().items()},
        )

    @classmethod
    def reported(cls, event: Mapping[str, Any]) -> Python:
        """Return the interpreter that a worker described as its own."""
        return cls(
            executable=Path(event["executable"]),
            base=Path(event["base"]),
            version=event["version"],
            path=tuple(event["path"]),
            stdlib=tuple(event["stdlib"]),
            markers=event["markers"],
        )

    def installed(self) -> resolver.Installed:
        """Return what is installed on this interpreter's path."""
        return resolver.Installed(self.path, resolver.Target(self.markers, None))


def isolating_options(version: str) -> tuple[str, ...]:
    """Return the options that keep the user's own and the script's folder off the path.

    ``-I`` would besides ignore PYTHONHASHSEED. Before Python 3.11 the script has to take its folder
    off the path itself. The other variables of Python's have to be taken out of the environment.

    >>> isolating_options("3.10.13"), isolating_options("3.13.0")
    (('-s',), ('-s', '-P'))
    """
    return ("-s", "-P") if tuple(map(int, version.split(".")[:2])) >= (3, 11) else ("-s",)
