"""What a lock installs where none of its addresses may be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...base.siblings import envfiles, resolver
from ...base.text import few
from ...pins.change.at_hand import at_hand
from ...pins.package_sources import PackageSources
from .errors import LockRefusedError


def taken_at_hand(
    lock: Path,
    chosen: Sequence[envfiles.Locked],
    sources: PackageSources,
    target: resolver.Target,
    who: str,
) -> tuple[envfiles.Locked, ...]:
    """Return what a lock installs, with the places of its files in place of their addresses.

    `who` forbids to ask an index. Raises LockRefusedError for files that no place has.
    """
    files = [file for each in chosen for file in each.artifacts if file.url]
    wanted = {file.file: (*file.hashes, *file.other_hashes) for file in files}
    places = at_hand(wanted, sources, target)
    if missing := [*_iter_missing(chosen, places)]:
        nowhere = f"no place has, with its hash, {few(missing)}"
        reason = f"{who} lets none of its addresses be asked, and {nowhere}"
        way = f"name a folder with what is missing (--find-links), or leave {who} out"
        raise LockRefusedError(lock, reason, way)
    return tuple(_placed(each, places) for each in chosen)


def _placed(locked: envfiles.Locked, places: Mapping[str, str]) -> envfiles.Locked:
    files = (replace(each, url=places.get(each.file, each.url)) for each in locked.artifacts)
    return replace(locked, artifacts=tuple(files))


def _iter_missing(chosen: Sequence[envfiles.Locked], places: Mapping[str, str]) -> Iterator[str]:
    """Yield the files without a place, and the references to other machines."""
    for each in chosen:
        yield from (file.file for file in each.artifacts if file.url and file.file not in places)
        if "://" in each.reference and not each.reference.startswith("file:"):
            yield f"{each.name} ({each.reference})"
