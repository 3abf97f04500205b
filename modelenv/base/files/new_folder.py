"""Making a new folder beside an old one, without replacing anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import NotMadeError
from ..siblings import envfiles
from .disk import placing

_WAY_OUT = "name another folder (destination=, -o)"


def new_place(old: Path, said: str | os.PathLike[str] | None, suffix: str) -> Path:
    """Return the path for a new folder: the one given, else one beside `old` with the suffix.

    Raises NotMadeError if something exists there, and for a path inside the old folder.
    """
    stem = old.stem if old.is_file() else old.name
    place = old.with_name(f"{stem}-{suffix}") if said is None else Path(said).absolute()
    if place.resolve().is_relative_to(old.resolve()):
        raise NotMadeError(
            str(place), f"it is in {old}, which stays as it is", "name a folder beside it"
        )
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise _taken(place)
    return place


@contextmanager
def new_folder(place: Path) -> Iterator[envfiles.Staging]:
    """Open a new folder to fill within a block; it appears at its path complete, or not at all.

    Raises NotMadeError if somebody else created something there meanwhile.
    """
    try:
        with envfiles.stage(place) as staging, placing(place):
            yield staging
    except envfiles.TargetExists as error:
        raise _taken(place) from error


def _taken(place: Path) -> NotMadeError:
    return NotMadeError(str(place), "something stands there", _WAY_OUT)
