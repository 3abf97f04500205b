"""What is there to measure with: libraries, programs, interpreters that have a peer, folders."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

MODULES = {"scikit-learn": "sklearn"}
LIBRARIES = ("scikit-learn", "pandas", "pyarrow", "pyspark", "dask", "ray")
PROGRAMS = ("uv", "java", "buildah")
GIVEN = {
    "mlflow": "a Python that has MLflow and the scikit-learn that is here",
    "mlserver": "a Python that has MLServer with mlserver-sklearn, and that scikit-learn",
    "peers": "a Python that has pip and pip-tools",
    "papers": "a folder that `python -m benchmarks.papers.make` made",
    "worlds": "a folder that `python -m benchmarks.revive.make` made",
}
"""What an option of `all` names, and what that is."""
_OPTIONS = {"papers": "--in"}


def add_surroundings(parser: argparse.ArgumentParser) -> None:
    """Add the options that name what cannot be found by itself."""
    for name, text in GIVEN.items():
        kind = "FOLDER" if text.startswith("a folder") else "PYTHON"
        parser.add_argument(f"--{name}", metavar=kind, help=text)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was named, and the path on which programs are looked for."""

    given: Mapping[str, str] = field(default_factory=dict)
    path: str = ""

    @classmethod
    def of(cls, options: argparse.Namespace) -> Surroundings:
        """Return those of a command: programs beside this interpreter are found, too."""
        given = {name: getattr(options, name) for name in GIVEN}
        path = os.pathsep.join(
            (os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent))
        )
        return cls({name: each for name, each in given.items() if each}, path)

    def lacking(self, needs: Sequence[str]) -> str:
        """Return why something does not run here, in words; empty where it does.

        >>> Surroundings().lacking(["mlflow"])
        '--mlflow PYTHON: a Python that has MLflow and the scikit-learn that is here'
        """
        return "; ".join(filter(None, map(self._lacks, needs)))

    def words(self, names: Sequence[str]) -> Iterator[str]:
        """Yield the options by which a benchmark is told of what was named.

        Programs are found by it on the path.
        """
        for name in names:
            if name in self.given and not self._lacks(name):
                yield from (_OPTIONS.get(name, f"--{name}"), self.given[name])

    def _lacks(self, need: str) -> str:
        if need in GIVEN:
            return self._lacks_given(need)
        if need in LIBRARIES:
            there = find_spec(MODULES.get(need, need))
            return "" if there else f"{need} is not installed here"
        if need in PROGRAMS:
            return "" if shutil.which(need, path=self.path) else f"{need} is not on PATH"
        if need == "linux":
            return "" if sys.platform == "linux" else "it reads /proc, which is Linux's"
        assert need == "root", need
        return "" if getattr(os, "geteuid", lambda: 1)() == 0 else "it needs root"

    def _lacks_given(self, need: str) -> str:
        kind = "FOLDER" if GIVEN[need].startswith("a folder") else "PYTHON"
        place = self.given.get(need)
        if place is None:
            return f"--{need} {kind}: {GIVEN[need]}"
        return "" if Path(place).exists() else f"--{need} {place}: there is no such {kind.lower()}"
