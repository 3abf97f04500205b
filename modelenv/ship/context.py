"""The context of a build: a folder with the Dockerfile and all that it copies, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from ..base.siblings import envfiles
from ..folder.documents.walk import Listed, walk
from ..folder.model_folder import ModelFolder
from .dockerfile import SETTLE, dockerfile, lock_text
from .errors import NoImageError
from .image import ImagePlan, LockedEnvironment

_IGNORE = ".dockerignore"
# What no model needs: what Python, the system or a version control put beside it.
_CACHES = ("**/__pycache__", "**/.git", "**/.DS_Store", "**/.ipynb_checkpoints")
_IGNORED = """\
# Nothing but what the Dockerfile copies.
*
!locks
!model
!settle.py
!wheels
"""


def write_context(plan: ImagePlan, folder: Path) -> tuple[str, ...]:
    """Write the context of a plan into an empty folder; return what of the model stays behind.

    Raises NoImageError for what cannot travel.
    """
    write_file(folder / "Dockerfile", dockerfile(plan))
    write_file(folder / _IGNORE, _IGNORED)
    shutil.copyfile(SETTLE, folder / SETTLE.name)
    for each in plan.environments:
        write_environment(each, folder)
    return copy_model(plan.folder, folder / "model")


def write_environment(environment: LockedEnvironment, folder: Path) -> None:
    """Write the lock of an environment into a context, with the wheels that travel."""
    write_file(folder / "locks" / f"{environment.name}.txt", lock_text(environment))
    wheels = folder / "wheels" / environment.name
    for wheel in environment.wheels:
        wheels.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wheel, wheels / wheel.name)


def write_file(file: Path, text: str) -> None:
    """Write a file of a context: the same bytes on every system."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8", newline="\n")


def check_unchanged(model: ModelFolder) -> None:
    """Raise TargetChanged where a folder that was copied is another than was read and locked."""
    if model.is_changed:
        reason = "somebody else changed it while it was copied: do it again"
        raise envfiles.TargetChanged(model.path, reason)


def copy_model(source: Path, target: Path) -> tuple[str, ...]:
    """Copy a model folder without caches and what it wants ignored; return what was left out.

    A link becomes the file that it leads to. Raises NoImageError for one that leads elsewhere, and
    for what is no file: what is copied is the model, whoever wrote it.
    """
    is_cache, is_ignored = _matcher(_CACHES), _matcher(_own_patterns(source))
    left = []
    for each in walk(source):
        if is_cache(each.name):
            continue
        if is_ignored(each.name):
            left.append(each.name)
            continue
        _check_file(each, source)
        place = target / each.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each.path, place)
        shutil.copymode(each.path, place)
    return tuple(left)


def _check_file(listed: Listed, folder: Path) -> None:
    """Raise NoImageError for what is no file of the folder."""
    way_out = "put the file itself there, or name it in .dockerignore"
    if listed.reason:
        raise NoImageError(str(listed.path), listed.reason)
    if not listed.path.resolve().is_relative_to(folder.resolve()):
        raise NoImageError(str(listed.path), "this link leads out of the model folder", way_out)
    if not listed.path.is_file():
        raise NoImageError(str(listed.path), "this is no file, nor a link to one", way_out)


def _own_patterns(folder: Path) -> tuple[str, ...]:
    """Return the patterns of a model folder's own .dockerignore."""
    text = envfiles.read_text(folder / _IGNORE, within=folder) or ""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Return what tells whether a path is left out, as Docker reads .dockerignore.

    The last pattern that is met decides, and one that begins with ! brings back. What a folder's
    pattern meets, all below it meets.

    >>> ignored = _matcher(("**/*.csv", "data", "!data/keep.txt"))
    >>> [ignored(path) for path in ("a/b.csv", "data/x.bin", "data/keep.txt", "model.pkl")]
    [True, True, False, False]
    """
    read = [(not each.startswith("!"), _expression(each.lstrip("!"))) for each in patterns]

    def is_left_out(path: str) -> bool:
        found = [leaves for leaves, expression in read if expression.fullmatch(path)]
        return found[-1] if found else False

    return is_left_out


def _expression(pattern: str) -> re.Pattern[str]:
    """Return a pattern of Go's filepath.Match, with Docker's ``**``, as an expression."""
    parts = re.split(r"(\*\*/?|\*|\?|\[\^?[^\]]*\])", os.path.normpath(pattern).strip("/"))
    said = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = "".join(
        said.get(each, each if each.startswith("[") and each.endswith("]") else re.escape(each))
        for each in parts
    )
    return re.compile(f"{text}(?:/.*)?", re.DOTALL)
