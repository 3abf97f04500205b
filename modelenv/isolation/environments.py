"""Find the environment to run a model in: a replica where it can be had, else a built one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import WrongUseError
from ..settings import Settings
from ..siblings import resolver
from . import built, process, replica
from .process import Interpreter
from .python import Python

if TYPE_CHECKING:
    from packaging.requirements import Requirement

Manager = Literal["auto", "replica", "uv", "virtualenv", "local"]


@dataclass(frozen=True, slots=True)
class Place:
    """An environment that is ready to run a worker."""

    interpreter: Interpreter
    label: str
    """What it is, in words: ``a replica``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an environment must hold."""

    python: Python
    requirements: tuple[str, ...]
    """The pins, as lines of a requirements file."""
    distributions: tuple[resolver.Distribution, ...] | None
    """The installed distributions that these pins are, or None where some are not installed.

    What `wheels` holds is not among them.
    """
    wheels: tuple[Path, ...] = ()
    """The wheels of those pins that exist only beside the model, all in one folder."""


@contextmanager
def opened(
    wanted: Wanted,
    installed: resolver.Installed,
    settings: Settings,
    manager: Manager = "auto",
) -> Iterator[Place]:
    """Make the environment, and remove it at the end of the block.

    Raises WrongUseError where `manager` cannot make it, BuildFailedError where building failed.
    """
    if manager == "local":
        environment = settings.environment
        interpreter = Interpreter(executable=wanted.python.executable, environment=environment)
        yield Place(interpreter, "this interpreter")
        return
    with process.scratch() as folder:
        root = folder / "environment"
        if manager == "replica" or (manager == "auto" and wanted.distributions is not None):
            yield Place(_replica(root, wanted, installed, settings), "a replica")
        else:
            yield _built(root, folder, wanted, settings, manager)


def _replica(
    root: Path, wanted: Wanted, installed: resolver.Installed, settings: Settings
) -> Interpreter:
    if wanted.distributions is None:
        raise WrongUseError(
            "a replica holds only what is installed here, and some of the pins are not:"
            " choose the environment manager uv or virtualenv"
        )
    made = replica.make(root, wanted.distributions, installed, wanted.python, settings.environment)
    replica.add_wheels(root, wanted.python, wanted.wheels)
    return made


def _built(root: Path, folder: Path, wanted: Wanted, settings: Settings, manager: Manager) -> Place:
    uv = settings.uv if manager in ("auto", "uv") else None
    if manager == "uv" and uv is None:
        raise WrongUseError("the environment manager uv was asked for, and uv is not on PATH")
    file = folder / "requirements.txt"
    places = dict.fromkeys(f"--find-links {wheel.parent.as_uri()}" for wheel in wanted.wheels)
    file.write_text("\n".join([*places, *wanted.requirements, ""]), "utf-8")
    interpreter = built.build(root, file, wanted.python, settings.environment, uv=uv)
    return Place(interpreter, f"an environment built with {'uv' if uv else 'venv and pip'}")


def want(
    python: Python,
    installed: resolver.Installed,
    requirements: Iterable[str],
    wheels: Path | None = None,
) -> Wanted:
    """Look up which of the pinned `requirements` (lines of a requirements file) are installed.

    `wheels` is a folder of wheels that are taken before what is installed; it need not exist.
    """
    from packaging.requirements import Requirement

    lines = tuple(requirements)
    bundled = bundled_wheels(wheels)
    asked = [Requirement(line) for line in lines]
    found = [_installed_at(installed, each) for each in asked if each.name not in bundled]
    there = [item for item in found if item is not None]
    return Wanted(
        python=python,
        requirements=lines,
        distributions=tuple(there) if len(there) == len(found) else None,
        wheels=tuple(bundled[each.name] for each in asked if each.name in bundled),
    )


def bundled_wheels(folder: Path | None) -> dict[str, Path]:
    """Return the wheels in a folder by the names of their distributions."""
    from packaging.utils import parse_wheel_filename

    files = sorted(folder.glob("*.whl")) if folder is not None else []
    return {parse_wheel_filename(file.name)[0]: file for file in files}


def _installed_at(
    installed: resolver.Installed, requirement: Requirement
) -> resolver.Distribution | None:
    distribution = installed.get(requirement.name)
    if distribution is None:
        return None
    if requirement.url is not None:
        return distribution if distribution.is_at(requirement.url) else None
    fits = requirement.specifier.contains(distribution.version, prereleases=True)
    return distribution if fits else None
