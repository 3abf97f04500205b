"""Writing the files of an export: all of them or none, without overwriting."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..base.siblings import envfiles
from .errors import NotExportedError

_ELSEWHERE = "move it away, or choose another path"


def check_target(output: Path, *, is_folder: bool) -> None:
    """Raise NotExportedError for a place that cannot be written to, before the work."""
    parent = output if is_folder and output.exists() else output.parent
    if parent.exists() and not parent.is_dir():
        raise NotExportedError(str(output), f"{parent} is a file, and no folder", _ELSEWHERE)
    if not parent.is_dir():
        raise NotExportedError(str(output), f"there is no folder {parent}", "create it first")
    if not is_folder and (output.exists() or output.is_symlink()):
        raise NotExportedError(str(output), "it exists already", _ELSEWHERE)


def write_all(files: Mapping[str, str], base: Path) -> tuple[Path, ...]:
    """Write texts below a folder, and return their paths.

    Raises NotExportedError if one exists already. Files already written are removed if another
    fails.
    """
    places = {base / name: text for name, text in files.items()}
    for place in places:
        if place.exists() or place.is_symlink():
            raise NotExportedError(str(place), "it exists already", _ELSEWHERE)
    made: list[Path] = []
    try:
        for place, text in places.items():
            made += _folders(place.parent)
            envfiles.put_file(place, text.encode())
            made.append(place)
    except BaseException:
        for each in reversed(made):
            if each.is_dir():
                each.rmdir()
            else:
                each.unlink()
        raise
    return tuple(places)


def _folders(folder: Path) -> list[Path]:
    """Make a folder with its parents; return those that were created."""
    lacking = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    for each in lacking:
        each.mkdir()
    return lacking
