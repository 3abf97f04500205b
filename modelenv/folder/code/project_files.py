"""Carrying files of the project's folder that a run used, to the paths where they are expected."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...base.files.copying import copy_file
from ...base.text import in_bytes
from ...worker.job import WORKING
from ..artifacts import FOLDER
from ..documents.names import CODE
from .code_plan import CodePlan
from .sweep import CODE as CODE_SUFFIXES
from .sweep import is_secret

_LARGEST = 100_000_000
_OURS = (CODE, WORKING, FOLDER, "wheels")


Roots = tuple[tuple[Path, PurePosixPath], ...]


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file of the project's folder, and the paths of its copies in the model's."""

    source: Path
    places: tuple[str, ...]
    """As ``code/words.txt``, for a file found from a module's path, and ``working/words.txt``."""
    size: int
    """In bytes."""

    def __str__(self) -> str:
        """Return its path with its size and its places."""
        return f"{self.source} ({in_bytes(self.size)}, as {' and '.join(self.places)})"


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """The files of the project's folder that a run used."""

    files: tuple[ProjectFile, ...] = ()
    left_out: tuple[str, ...] = ()
    """Files that do not travel, each with the reason."""

    @property
    def places(self) -> dict[str, tuple[str, ...]]:
        """The paths in the model's folder, by the path of each file."""
        return {str(file.source): file.places for file in self.files}

    def __str__(self) -> str:
        """Return a summary of the copied files."""
        files = ", ".join(map(str, self.files)) or "nothing of the project's folder"
        return f"taking along {files}"

    def copy(self, folder: Path) -> None:
        """Copy the files to their places in the model's `folder`."""
        for file in self.files:
            for place in file.places:
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                copy_file(file.source, target)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFolder:
    """The folder of a project, from which its model is saved."""

    path: Path
    working: Path
    """The working directory of the run."""
    home: Path | None = None
    """The user's home, whose hidden files do not travel; None: unknown."""

    def plan(self, used: Iterable[Path], code: CodePlan) -> ProjectFiles:
        """Return the used files that lie in the folder, with the paths for their copies.

        A file that a module finds by its own path gets the same path relative to that module in
        ``code/``, which may be beside it: ``data/``. One that is named relative to the working
        directory goes into ``working/``, of which every run gets a copy. Which of the two applies
        is unknown, so it may be both; a file that is named by its absolute path is found in
        neither.
        """
        roots = tuple(dict.fromkeys(_roots(code)))
        files: list[ProjectFile] = []
        left_out: list[str] = []
        for path in sorted(set(used)):
            if self.path not in path.parents:
                continue
            places = tuple(self._places(path, roots, code))
            reason = self._reason(path) or ("" if places else "no place in the model's folder")
            if reason:
                left_out.append(f"{path} ({reason})")
            else:
                files.append(ProjectFile(path, places, path.stat().st_size))
        return ProjectFiles(tuple(files), tuple(left_out))

    def _reason(self, path: Path) -> str:
        """Return why a file does not travel; empty if it does."""
        hidden = any(part.startswith(".") for part in path.relative_to(self.path).parts)
        if hidden or self._is_hidden_at_home(path):
            return "hidden"
        real = path.resolve()
        if is_secret(path) or is_secret(real):
            return "its name is that of a secret"
        if self.path.resolve() not in real.parents:
            return f"a link that leads out of the folder, to {real}"
        if not path.is_file():
            return "no plain file"
        size = path.stat().st_size
        if size > _LARGEST:
            return f"{in_bytes(size)}: artifacts= or code_paths= has to name it"
        return ""

    def _is_hidden_at_home(self, path: Path) -> bool:
        if self.home is None or self.home not in path.parents:
            return False
        return path.relative_to(self.home).parts[0].startswith(".")

    def _places(self, path: Path, roots: Roots, code: CodePlan) -> Iterator[str]:
        """Yield the paths at which a file may be looked up."""
        there = {f"{CODE}/{place}" for place in code.files}
        for place in dict.fromkeys(map(str, _beside_modules(path, roots))):
            if place not in there:
                yield place
        if self.working in path.parents:
            yield f"{WORKING}/{_inside(path, self.working)}"


def _beside_modules(path: Path, roots: Roots) -> Iterator[PurePosixPath]:
    """Yield the paths of a file relative to modules that may find it by their own paths."""
    within = [place / _inside(path, root) for root, place in roots if root in path.parents]
    yield from within
    for root, place in () if within else roots:
        if place == PurePosixPath(CODE) and root.parent in path.parents:
            beside = PurePosixPath(_inside(path, root.parent))
            if len(beside.parts) > 1 and beside.parts[0] not in _OURS:
                yield beside


def _inside(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _roots(code: CodePlan) -> Iterator[tuple[Path, PurePosixPath]]:
    """Yield the folders that contain modules, each with its counterpart in the model folder.

    It is the path entry; for a module with another path on disk, as behind a link, its own folder.
    """
    for place, source in code.files.items():
        inside = PurePosixPath(place)
        if inside.suffix not in CODE_SUFFIXES:
            continue
        for spelled in (source, Path(os.path.realpath(source))):
            if spelled.parts[-len(inside.parts) :] == inside.parts:
                yield spelled.parents[len(inside.parts) - 1], PurePosixPath(CODE)
            else:
                yield spelled.parent, PurePosixPath(CODE, inside.parent)
