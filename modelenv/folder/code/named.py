"""Planning the code that the user named: files and folders, by their import paths."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from ...base import arguments
from ...base.files.absent import nothing
from ..errors import BadCodePathError
from .code_plan import CodePlan
from .sweep import CODE, Swept, sweep

CodePaths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def check_paths(code_paths: CodePaths) -> tuple[Path, ...]:
    """Return the absolute paths that the user named: one, or several.

    Raises BadArgumentError, and BadCodePathError for a missing one.
    """
    named = arguments.paths("code_paths", code_paths)
    paths = tuple(Path(os.path.abspath(path)) for path in named)  # noqa: PTH100  # keep links
    for path in paths:
        if not path.exists():
            raise BadCodePathError(path, nothing(path))
    return paths


def plan_named(
    code_paths: Sequence[Path], search_path: Sequence[str], used: Collection[Path]
) -> tuple[CodePlan, list[str]]:
    """Plan the files and folders that the user named; return the plan and the skipped files.

    Raises BadCodePathError for a link that leads out of its folder, unless it was `used`.
    """
    result = CodePlan()
    names: list[str] = []
    left_out: list[str] = []
    for path in code_paths:
        swept = sweep(path, used=used) if path.is_dir() else Swept((path,))
        if swept.strays:
            raise BadCodePathError(swept.strays[0], "this link leads out of the folder")
        left_out += map(str, swept.secrets)
        for place in _import_paths(path, search_path):
            names += [_dotted(place)] if place.parts else _tops(path, swept.files)
            for file in swept.files:
                inside = file.relative_to(path).as_posix() if path.is_dir() else "."
                result.add(place / inside, file)
            for initial, source in _initials(path, place):
                result.add(initial, source)
    return CodePlan(result.files, tuple(names)), left_out


def _import_paths(path: Path, search_path: Sequence[str]) -> list[PurePosixPath]:
    """Return the path of `path` below each entry of the search path that contains it."""
    places = []
    for entry in dict.fromkeys(map(Path, search_path)):
        installed = {"site-packages", "dist-packages"} & set(entry.parts)
        if installed or (entry != path and entry not in path.parents):
            continue
        place = PurePosixPath(path.relative_to(entry).as_posix())
        *packages, last = place.parts or ("_",)
        if all(part.isidentifier() for part in (*packages, last.partition(".")[0])):
            places.append(place)
    return places or [PurePosixPath(path.name)]


def _tops(folder: Path, files: Iterable[Path]) -> list[str]:
    """Return the top-level modules and packages of a folder that is itself on the path."""
    tops = {file.relative_to(folder).parts[0] for file in files if file.suffix in CODE}
    return sorted({top.partition(".")[0] for top in tops} - {"__init__"})


def _initials(path: Path, place: PurePosixPath) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the ``__init__.py`` of each package on the way to `place`."""
    for above, folder in zip(place.parents, path.parents):  # noqa: B905  # as many as the place has
        initial = folder / "__init__.py"
        if above.parts and initial.is_file():
            yield above / "__init__.py", initial


def _dotted(place: PurePosixPath) -> str:
    return ".".join(place.with_suffix("").parts)
