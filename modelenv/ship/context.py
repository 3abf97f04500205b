"""The context of a build: a folder with the Dockerfile and exactly the files that it copies."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..base.siblings import envfiles
from ..folder.artifacts import FOLDER
from ..folder.documents.walk import Listed, walk
from ..folder.mlmodel import FILE, MLmodel
from ..folder.model_folder import ModelFolder
from ..wheels.locked_environment import LockedEnvironment
from ..worker.job import WORKING
from .dockerfile import SETTLE, dockerfile, lock_text
from .errors import NoImageError
from .image import ImagePlan

_IGNORE = ".dockerignore"
# Files that no model needs: caches of Python, the system, or version control.
_CACHES = ("**/__pycache__", "**/.git", "**/.DS_Store", "**/.ipynb_checkpoints")
_EMPTY = frozenset({"[]", "[^]"})
_IGNORED = """\
# Nothing but what the Dockerfile copies.
*
!locks
!model
!settle.py
!wheels
"""


def write_context(plan: ImagePlan, folder: Path) -> tuple[str, ...]:
    """Write the context of a plan into an empty folder; return the names that were left out.

    Raises NoImageError for files that cannot travel.
    """
    write_file(folder / "Dockerfile", dockerfile(plan))
    write_file(folder / _IGNORE, _IGNORED)
    shutil.copyfile(SETTLE, folder / SETTLE.name)
    for each in plan.locks:
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
    """Write a file of a context, with the same bytes on every system."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8", newline="\n")


def check_unchanged(model: ModelFolder) -> None:
    """Raise TargetChanged if a copied folder has changed since it was read and locked."""
    if model.is_changed:
        reason = "it was changed while it was copied: try again"
        raise envfiles.TargetChanged(model.path, reason)


def copy_model(source: Path, target: Path) -> tuple[str, ...]:
    """Copy a model folder without caches and ignored files; return the names that were left out.

    A link becomes a copy of its target. Raises NoImageError for a link that leads out of the
    folder, and for special files, since the folder may be from an untrusted author.
    """
    content = _Content.of(ModelFolder.at(source).mlmodel)
    is_cache, is_ignored = _matcher(_CACHES), _matcher(_own_patterns(source))
    left = []
    for each in walk(source):
        if is_cache(each.name) and not content.holds(each.name):
            continue
        if is_ignored(each.name):
            content.check_left_out(each)
            left.append(each.name)
            continue
        _check_file(each, source)
        place = target / each.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each.path, place)
        shutil.copymode(each.path, place)
    for name in _empty_folders(source):
        if not is_ignored(name) and (content.holds(name) or not is_cache(name)):
            (target / name).mkdir(parents=True, exist_ok=True)
    return tuple(left)


@dataclass(frozen=True, slots=True)
class _Content:
    """The files that a model cannot do without, whatever their names."""

    data: str
    """The path of its data, a file or a folder."""
    sealed: frozenset[str]
    """The files whose hashes its MLmodel records; empty if it records none."""

    @classmethod
    def of(cls, mlmodel: MLmodel) -> _Content:
        return cls(mlmodel.data, frozenset(mlmodel.sealed))

    def holds(self, name: str) -> bool:
        """Return whether a file that looks like a cache belongs to the model."""
        return name in self.sealed or name.startswith((f"{FOLDER}/", f"{WORKING}/"))

    def check_left_out(self, listed: Listed) -> None:
        """Raise NoImageError for an ignored file without which the model cannot be loaded."""
        needed = _is_below(listed.name, (FILE, self.data, "code"))
        if needed or listed.name in self.sealed:
            reason = f"{_IGNORE} leaves it out, and the model cannot be loaded without it"
            raise NoImageError(str(listed.path), reason, f"include it there: !{listed.name}")


def _is_below(name: str, places: tuple[str, ...]) -> bool:
    """Return whether a name is one of the places, or below one."""
    return any(name == each or name.startswith(f"{each}/") for each in places)


def _empty_folders(source: Path) -> Iterator[str]:
    """Yield the empty folders, which a model may look into; links are not followed."""
    for place, folders, files in os.walk(source):
        if not folders and not files and Path(place) != source:
            yield Path(place).relative_to(source).as_posix()


def _check_file(listed: Listed, folder: Path) -> None:
    """Raise NoImageError for a listed path that is not a file of the folder."""
    way_out = "put the file itself there, or list it in .dockerignore"
    if listed.reason:
        raise NoImageError(str(listed.path), listed.reason)
    if not listed.path.resolve().is_relative_to(folder.resolve()):
        raise NoImageError(str(listed.path), "this link leads out of the model folder", way_out)
    if not listed.path.is_file():
        raise NoImageError(str(listed.path), "this is no file, nor a link to one", way_out)


def _own_patterns(folder: Path) -> tuple[str, ...]:
    """Return the patterns in a model folder's own .dockerignore."""
    text = envfiles.read_text(folder / _IGNORE, within=folder) or ""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a function that tells whether a path is left out, by Docker's rules for .dockerignore.

    The last matching pattern decides; one that begins with ! includes the path again. A pattern
    that matches a folder matches everything below it.

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
    """Return a pattern of Go's filepath.Match, with Docker's ``**``, as a regular expression."""
    parts = re.split(r"(\*\*/?|\*|\?|\[\^?[^\]]*\])", os.path.normpath(pattern).strip("/"))
    said = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = "".join(
        said.get(each)
        or (_of_class(each) if each.startswith("[") and each.endswith("]") else re.escape(each))
        for each in parts
    )
    what, reason = f"{pattern!r} in {_IGNORE}", "this is no valid pattern"
    if not _EMPTY.isdisjoint(parts):
        raise NoImageError(what, f"{reason}: it has an empty character class")
    try:
        return re.compile(f"{text}(?:/.*)?", re.DOTALL)
    except re.error as error:
        raise NoImageError(what, f"{reason}: {error}") from error


def _of_class(text: str) -> str:
    """Return a character class in which a bracket does not begin a nested set."""
    return text[0] + text[1:].replace("[", r"\[").replace("&&", r"&\&").replace("~~", r"~\~")
