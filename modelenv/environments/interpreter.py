"""The interpreter of a model: its executable, folders and marker environment."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import WrongUseError
from ..base.siblings import resolver
from ..seal import plan as plans
from ..seal.seals import Seal
from ..worker.process import WORKER, Interpreter
from ..worker.worker import describe

_DESCRIBE = "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])['describe']()))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """An interpreter, described in enough detail to resolve for it and to make a replica of it."""

    executable: Path
    base: Path
    """The base executable of a virtual environment."""
    version: str
    """The full version, as ``3.11.7``."""
    path: tuple[str, ...]
    """Its ``sys.path``."""
    stdlib: tuple[str, ...]
    """The folders of its standard library."""
    markers: Mapping[str, str]
    """Its marker environment (PEP 508)."""
    free_threaded: bool = False
    """Whether it is a build without the GIL (PEP 703)."""

    @classmethod
    def current(cls) -> Python:
        """Return the running interpreter."""
        folders = {sysconfig.get_path(key) for key in ("stdlib", "platstdlib")}
        return cls(
            executable=Path(sys.executable),
            base=Path(getattr(sys, "_base_executable", None) or sys.executable),
            version=".".join(map(str, sys.version_info[:3])),
            path=tuple(_absolute(sys.path)),
            stdlib=tuple(sorted(folder for folder in folders if folder)),
            markers=describe()["markers"],
            free_threaded=_is_free_threaded(),
        )

    @classmethod
    def at(cls, executable: Path) -> Python:
        """Return another interpreter from its own description. Raises WrongUseError."""
        command = [str(executable), "-I", "-c", _DESCRIBE, str(WORKER)]
        try:
            described = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, check=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise WrongUseError(f"{executable} does not run: {error}") from error
        return cls.reported(json.loads(described.stdout))

    @classmethod
    def reported(cls, event: Mapping[str, Any]) -> Python:
        """Return the interpreter that a worker reported as its own."""
        return cls(
            executable=Path(event["executable"]),
            base=Path(event["base"]),
            version=event["version"],
            path=tuple(event["path"]),
            stdlib=tuple(event["stdlib"]),
            markers=event["markers"],
            free_threaded=event.get("free_threaded", False),
        )

    def in_seal(
        self,
        seal: Seal,
        root: Path,
        executable: Path,
        *,
        options: tuple[str, ...],
        environment: Mapping[str, str],
        installed: Sequence[str],
        elsewhere: Iterable[tuple[str, str]] = (),
        stands_for: Iterable[tuple[str, str]] = (),
    ) -> Interpreter:
        """Return the interpreter of an environment in `root`, to be run in a seal.

        `installed`, `elsewhere` and `stands_for` are the inputs of the plan of the seal.
        """
        plan = plans.make(
            executable=str(executable),
            base=str(self.base),
            stdlib=self.stdlib,
            path=self.path,
            installed=[str(root), *installed],
            environment=environment,
            elsewhere=elsewhere,
            stands_for=stands_for,
            hosts=seal.allow_hosts,
            allow_paths=seal.allow_paths,
        )
        return Interpreter(
            executable=executable,
            options=options,
            environment=environment,
            prefix=root,
            seal=seal,
            plan=plan,
        )

    def installed(self) -> resolver.Installed:
        """Return the distributions on this interpreter's path."""
        return resolver.Installed(self.path, resolver.Target(self.markers, self._tags))

    @property
    def _tags(self) -> tuple[str, ...] | None:
        """Its wheel tags, the best first; None for those of the running interpreter."""
        build = (*self.version.split(".")[:2], self.free_threaded)
        here = (*map(str, sys.version_info[:2]), _is_free_threaded())
        if build == here or self.markers.get("implementation_name") != "cpython":
            return None
        return resolver.Target.of(self.version + ("t" if self.free_threaded else "")).tags


def _is_free_threaded() -> bool:
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def _absolute(path: Iterable[str]) -> Iterator[str]:
    """Yield the entries of a path as absolute ones, without those in a deleted working folder."""
    for entry in path:
        with suppress(FileNotFoundError):
            yield str(Path(entry).absolute())


def isolating_options(version: str) -> tuple[str, ...]:
    """Return the options that keep the user's site and the script's folder off the path.

    ``-I`` would ignore PYTHONHASHSEED as well. Before Python 3.11 the script has to remove its
    folder from the path itself. Other variables of Python's must be removed from the environment.

    >>> isolating_options("3.10.13"), isolating_options("3.13.0")
    (('-s',), ('-s', '-P'))
    """
    return ("-s", "-P") if tuple(map(int, version.split(".")[:2])) >= (3, 11) else ("-s",)
