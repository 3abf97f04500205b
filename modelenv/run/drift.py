"""Differences of this interpreter from the environment that a model was saved for."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..base.doors import door
from ..base.siblings import envfiles, resolver
from ..base.text import brief
from ..folder.model_folder import ModelFolder


@dataclass(frozen=True, slots=True)
class Drift:
    """The differences of this interpreter from a model's pins."""

    folder: Path
    difference: envfiles.Difference

    def __bool__(self) -> bool:
        return bool(self.difference)

    def __str__(self) -> str:
        """Return one message, with the command that makes a matching environment."""
        lines = [f"this environment is not the one that {self.folder} was saved for:"]
        python = self.difference.python
        lines += (
            [f"  Python {python.right}, saved with {python.left} ({python.step})"] if python else []
        )
        lines += [f"  {_sentence(change)}" for change in self.difference.changes]
        lines.append(f"predictions may differ or fail. A matching environment: {self.command}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    @property
    def command(self) -> str:
        """Return the command that makes an environment of the model's own."""
        file = self.folder / "requirements.txt"
        if not file.is_file():  # MLflow wrote none before its version 1.25
            return f"conda env create -n model-env -f {shlex.quote(str(self._conda))}"
        python = self.difference.python
        version = python.left if python else ".".join(map(str, sys.version_info[:2]))
        return (
            f"uv venv --python {version} model-env &&"
            f" uv pip install --python model-env -r {shlex.quote(str(file))}"
        )

    @property
    def _conda(self) -> Path:
        return self.folder / (envfiles.read_model_file(self.folder).conda or "conda.yaml")


@door
def compare_environment(folder: str | os.PathLike[str]) -> Drift:
    """Compare this interpreter with the pins of a model folder, of modelenv or MLflow.

    An installed distribution without a pin is no difference. Raises InvalidFile, WrongUseError.
    """
    return drift_of(ModelFolder.fetched(folder))


def drift_of(model: ModelFolder) -> Drift:
    """Compare this interpreter with the pins of a folder that was read already."""
    python = model.environment.python
    installed = resolver.Installed.current()
    pins = dict(_iter_differing(model.environment, installed))
    here = {name: version for name, (_, version) in pins.items() if version is not None}
    version = ".".join(map(str, sys.version_info[:3]))
    same = python.split(".") == version.split(".")[: python.count(".") + 1]
    left = envfiles.Side(
        "the model", None if same else python, {n: s for n, (s, _) in pins.items()}, {}
    )
    right = envfiles.Side("this interpreter", version, here, {})
    return Drift(model.path, envfiles.compare(left, right))


def _iter_differing(
    spec: envfiles.EnvSpec, installed: resolver.Installed
) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Yield each pin that the installed distribution violates, with that one."""
    from packaging.requirements import Requirement

    for entry in spec.requirements:
        requirement = Requirement(entry.requirement)
        if requirement.marker is not None and not installed.target.admits(requirement.marker):
            continue
        found = installed.get(entry.name)
        asked = str(requirement.specifier) or (f" @ {requirement.url}" if requirement.url else "")
        if found is None:
            yield entry.name, (asked, None)
        elif not requirement.specifier.contains(found.version, prereleases=True):
            yield entry.name, (asked, f"=={found.version}")


def _sentence(change: envfiles.Change) -> str:
    if change.right is None:
        return f"{change.name}{change.left} is not installed"
    wanted = (change.left or "").removeprefix("==")
    return f"{change.name} {change.right.removeprefix('==')}, saved with {wanted} ({change.step})"
