"""An environment's Python from its own description, and the interpreter for a worker."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .....base.run_variables import HASH_SEED
from .....seal import plan as plans
from .....seal.distributions import linked
from .....seal.seals import Seal
from .....worker.process import WORKER, Interpreter
from ..errors import NodeError

_DESCRIBE = "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])['describe']()))"
_SECONDS = 60.0
_LEADING_ELSEWHERE = ("PYTHON", "VIRTUAL_ENV", "CONDA_", "__PYVENV", "PEX_")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePython:
    """The Python of an environment."""

    executable: str
    base: str
    """The base executable."""
    version: str
    """The full version, as ``3.11.7``."""
    path: tuple[str, ...]
    """Its ``sys.path``."""
    stdlib: tuple[str, ...]
    """The folders of its standard library."""

    @classmethod
    def asked(cls, executable: Path) -> NodePython:
        """Return the Python at a path. Raises NodeError if it does not run."""
        command = [str(executable), "-I", "-c", _DESCRIBE, str(WORKER)]
        try:
            said = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=_SECONDS,
            )
            return cls.from_plain(json.loads(said.stdout))
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            output = getattr(error, "stderr", None) or b""
            reason = output.decode("utf-8", "replace").strip() or str(error)
            raise NodeError(f"the Python of the environment does not run: {reason}") from error

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> NodePython:
        """Return the Python from the result of `to_plain`, or from its own description."""
        return cls(
            executable=str(told["executable"]),
            base=str(told["base"]),
            version=str(told["version"]),
            path=tuple(map(str, told["path"])),
            stdlib=tuple(map(str, told["stdlib"])),
        )

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def interpreter(self, root: Path, seal: Seal, environment: Mapping[str, str]) -> Interpreter:
        """Return the sealed interpreter for a worker, with everything in its environment `root`.

        `environment` are the variables of the engine's process; those of other Pythons are dropped,
        and the programs of the engine's environment are taken from PATH.
        """
        executable = Path(self.executable)
        variables = {
            name: value
            for name, value in environment.items()
            if name == HASH_SEED or not name.startswith(_LEADING_ELSEWHERE)
        }
        entries = (each for each in environment.get("PATH", "").split(os.pathsep) if each)
        own = (each for each in entries if not _is_environment(Path(each)))
        variables["PATH"] = os.pathsep.join((str(executable.parent), *own))
        variables["PYTHONNOUSERSITE"] = "1"  # for child processes that the model starts
        within = [each for each in self.path if Path(each).is_relative_to(root)]
        plan = plans.make(
            executable=str(executable),
            base=self.base,
            stdlib=self.stdlib,
            path=[each for each in self.path if each not in within],
            installed=[str(root), *_iter_linked(within)],
            environment=variables,
            hosts=seal.allow_hosts,
            allow_paths=seal.allow_paths,
        )
        newer = tuple(map(int, self.version.split(".")[:2])) >= (3, 11)
        return Interpreter(
            executable=executable,
            options=("-s", *(("-P",) if newer else ()), "-X", "utf8"),
            environment=variables,
            prefix=root,
            seal=seal,
            plan=plan,
        )


def _is_environment(programs: Path) -> bool:
    """Return whether a folder of programs belongs to a virtual or conda environment."""
    return any(os.path.exists(programs.parent / name) for name in ("pyvenv.cfg", "conda-meta"))  # noqa: PTH110  # no error if it may not be entered


def _iter_linked(folders: list[str]) -> Iterator[str]:
    for folder in filter(os.path.isdir, folders):
        yield from linked(folder, [each.name for each in Path(folder).iterdir()])
