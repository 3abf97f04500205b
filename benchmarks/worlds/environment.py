"""An environment beside the one that this runs in, with some of its distributions and no others."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
"""The top of the repository, from where modelenv is imported."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment."""

    python: Path
    site: Path

    @property
    def installed(self) -> int:
        """How many distributions it holds."""
        return len(list(self.site.glob("*.dist-info")))


def make_environment(folder: Path, *roots: str) -> Environment:
    """Make a virtual environment of these distributions and what they require.

    They are those that are installed here, file by file as hard links where the file system has
    them, with their bytecode. modelenv itself is imported from this repository.
    """
    venv.create(folder, symlinks=True, with_pip=False)
    variables = {"base": str(folder), "platbase": str(folder)}
    prefixed = sysconfig.get_preferred_scheme("prefix")
    # Python 3.10 has no scheme of its own for virtual environments.
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else prefixed
    site = Path(sysconfig.get_path("purelib", scheme, variables))
    (site / "00-repository.pth").write_text(f"{ROOT}\n", "utf-8")
    for each in _closure(roots):
        _link(each, site)
    program = "python.exe" if sys.platform == "win32" else "python"
    return Environment(Path(sysconfig.get_path("scripts", scheme, variables)) / program, site)


def _closure(roots: Sequence[str]) -> Iterator[Distribution]:
    """Yield what is installed of these and of what they require, each once."""
    waiting, seen = [Requirement(root) for root in roots], set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in seen or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        yield found
        waiting += [Requirement(line) for line in found.requires or ()]


def _link(found: Distribution, site: Path) -> None:
    for file in found.files or ():
        source = Path(str(found.locate_file(file)))
        if ".." in file.parts or not source.is_file():  # programs: nobody starts them here
            continue
        _put(source, site / file)
        if file.suffix == ".py":
            compiled = Path(importlib.util.cache_from_source(str(source)))
            if compiled.is_file():
                _put(compiled, (site / file).parent / "__pycache__" / compiled.name)


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
