"""Files and folders that RECORD gives to some distributions, without those of others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_Parts = tuple[str, ...]
_BESIDE = frozenset(("", ".."))  # prefixes of paths outside: absolute, or upwards


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The visible part of a folder of distributions (``site-packages``).

    If a folder belongs to one distribution except for a file that somebody put there by hand, that
    file is visible too: to find it, every folder would have to be read.
    """

    location: str
    """The folder."""
    distributions: tuple[Sequence[str], ...]
    """The files of each distribution, as in RECORD: relative, with slashes."""
    foreign: tuple[str, ...] = ()
    """Files of other distributions, likewise: those with the same top-level names suffice."""

    def visible(self) -> Iterator[str]:
        """Yield as few paths as possible that hold these files and no foreign one.

        Recorded files that do not exist may be among them.
        """
        foreign: dict[str, list[_Parts]] = {}
        for file in self.foreign:
            foreign.setdefault(_top(file), []).append(tuple(file.split("/")))
        outside: list[str] = []
        alone: set[str] = set()
        shared: dict[str, list[_Parts]] = {}
        for files in self.distributions:
            tops = set(map(_top, files))
            alone |= tops
            if not tops.isdisjoint(_BESIDE):
                outside += [file for file in files if _top(file) in _BESIDE]
            for top in tops & foreign.keys():
                own = [tuple(file.split("/")) for file in files if _top(file) == top]
                shared.setdefault(top, []).extend(own)
        for top in sorted(alone - {*_BESIDE, "__pycache__"}):
            if top not in shared:
                yield f"{self.location}/{top}"
            else:
                theirs = set(foreign[top]) - set(shared[top])
                yield from _apart(self.location, shared[top], theirs, 1)
        yield from _whole_folders(
            [os.path.normpath(os.path.join(self.location, file)) for file in outside]
        )
        yield from linked(self.location, alone)


def linked(location: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the folders of an installer to which files in the folder `location` are links.

    uv does this with ``--link-mode symlink``, for all files of a distribution alike. `names` are
    files and folders of distributions there.
    """
    for name in names:
        if name.endswith(".dist-info"):
            metadata = f"{location}/{name}/METADATA"
            if os.path.islink(metadata):
                yield os.path.dirname(os.path.dirname(os.path.realpath(metadata)))


def _top(file: str) -> str:
    return file.partition("/")[0]


def _apart(location: str, own: list[_Parts], foreign: set[_Parts], depth: int) -> Iterator[str]:
    """Yield the paths that only the files `own` have, which agree in their first `depth` parts."""
    below = "/".join(own[0][:depth])
    if not foreign or any(len(parts) == depth for parts in own):
        yield f"{location}/{below}"
        return
    children: dict[str, list[_Parts]] = {}
    for parts in own:
        if parts[depth] != "__pycache__":
            children.setdefault(parts[depth], []).append(parts)
    for name, inside in sorted(children.items()):
        theirs = {parts for parts in foreign if len(parts) > depth and parts[depth] == name}
        yield from _apart(location, inside, theirs, depth + 1)


def _whole_folders(files: Sequence[str]) -> list[str]:
    """Return as few paths as hold `files`: a folder if all of its content is among them."""
    whole = {file for file in files if os.path.lexists(file)}
    folders = {os.path.dirname(file) for file in whole}
    while folders:
        above = set()
        for folder in sorted(folders):
            inside = {f"{folder}/{name}" for name in os.listdir(folder)}
            if inside <= whole:
                whole = {*(whole - inside), folder}
                above.add(os.path.dirname(folder))
        folders = above
    return sorted(whole)
