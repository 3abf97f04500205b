"""Extracting modules from the archives from which they were imported (zipimport, PEP 273)."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...base.siblings import resolver
from .code_plan import CodePlan
from .import_paths import is_initial
from .sweep import CODE


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Modules in folders, and the files extracted from archives."""

    modules: tuple[resolver.FirstParty, ...]
    """The modules that are in no archive."""
    roots: Mapping[Path, Path]
    """Folders to import from, with the path in an archive from which each was extracted."""

    def as_found(self, plan: CodePlan) -> CodePlan:
        """Return a plan with sources named as zipimport names them."""
        files = {place: self._original(source) for place, source in plan.files.items()}
        left_out = tuple(sorted(str(self._original(Path(each))) for each in plan.left_out))
        return CodePlan(files, plan.names, left_out)

    def _original(self, path: Path) -> Path:
        for root, original in self.roots.items():
            if root in path.parents:
                return original / path.relative_to(root)
        return path


def unpack(modules: Iterable[resolver.FirstParty], folder: Path) -> Unpacked:
    """Extract modules from archives below the empty `folder`; return the folders and the rest.

    The packages that the run imported are extracted whole, with entries that contain no code: other
    modules may be shadowed by installed ones, and would shadow these.
    """
    loose: list[resolver.FirstParty] = []
    tops: dict[tuple[Path, PurePosixPath], set[str]] = defaultdict(set)
    for module in modules:
        archive = _archive_of(Path(module.file))
        if archive is None:
            loose.append(module)
        else:
            root = _root_in(archive, module)
            tops[archive, root].add(module.module.partition(".")[0])
    roots = {}
    for number, ((archive, root), names) in enumerate(sorted(tops.items())):
        place = folder / str(number)
        _extract(archive, root, names, place)
        roots[place] = archive / root
    return Unpacked(tuple(loose), roots)


def _archive_of(file: Path) -> Path | None:
    """Return the archive that contains a module; None: it is a file, or does not exist."""
    if os.path.lexists(file):
        return None
    found = next((parent for parent in file.parents if parent.exists()), None)
    return found if found is not None and zipfile.is_zipfile(found) else None


def _root_in(archive: Path, module: resolver.FirstParty) -> PurePosixPath:
    """Return the folder in the archive that was the path entry."""
    inside = PurePosixPath(Path(module.file).relative_to(archive).as_posix())
    depth = module.module.count(".") + 1 + is_initial(inside)
    return PurePosixPath(*inside.parts[:-depth])


def _extract(archive: Path, root: PurePosixPath, names: set[str], place: Path) -> None:
    """Extract the needed entries of an archive to `place`, relative to `root`."""
    with zipfile.ZipFile(archive) as opened:
        entries: dict[str, list[tuple[zipfile.ZipInfo, PurePosixPath]]] = defaultdict(list)
        for member in opened.infolist():
            path = PurePosixPath(member.filename)
            if not member.is_dir() and path.is_relative_to(root) and ".." not in path.parts:
                inside = path.relative_to(root)
                entries[inside.parts[0]].append((member, inside))
        for entry, members in entries.items():
            if entry.partition(".")[0] in names or not _holds_code(members):
                for member, inside in members:
                    target = place / inside
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with opened.open(member) as source, target.open("wb") as file:
                        shutil.copyfileobj(source, file)


def _holds_code(members: Iterable[tuple[zipfile.ZipInfo, PurePosixPath]]) -> bool:
    return any(inside.suffix in CODE for _, inside in members)
