"""Which files and folders hold what RECORD gives to some distributions, and nothing of others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """What may be seen of a folder of distributions (``site-packages``).

    A file that somebody put by hand into a folder which is otherwise all a distribution's own is
    seen with it: finding it would take reading every folder.
    """

    location: str
    """The folder."""
    distributions: tuple[Sequence[str], ...]
    """The files of each distribution, as RECORD names them: relative, with slashes."""
    foreign: tuple[str, ...] = ()
    """Files of other distributions, in the same way: those of the same top-level names suffice."""

    def visible(self) -> Iterator[str]:
        """Yield as few paths as hold these files and none that is foreign, nor is not there."""
        outside: list[str] = []
        inside: dict[str, list[str]] = {}
        for files in self.distributions:
            for file in files:
                top = file.partition("/")[0]
                if top in ("", ".."):  # absolute, or beside the folder of distributions
                    outside.append(os.path.normpath(os.path.join(self.location, file)))
                elif top != "__pycache__":
                    inside.setdefault(top, []).append(file)
        foreign: dict[str, list[_Parts]] = {}
        for file in self.foreign:
            foreign.setdefault(file.partition("/")[0], []).append(tuple(file.split("/")))
        for top, files in sorted(inside.items()):
            if top in foreign:
                own = [tuple(file.split("/")) for file in files]
                yield from _apart(self.location, own, set(foreign[top]) - set(own), 1)
            elif os.path.lexists(f"{self.location}/{top}"):
                yield f"{self.location}/{top}"
        yield from _whole_folders(outside)
        yield from self._linked(inside)

    def _linked(self, tops: Iterable[str]) -> Iterator[str]:
        """Yield where an installer keeps the files that those of a distribution are links to.

        So it is with uv's ``--link-mode symlink``, for all files of a distribution alike.
        """
        for top in tops:
            if top.endswith(".dist-info"):
                metadata = f"{self.location}/{top}/METADATA"
                if os.path.islink(metadata):
                    yield os.path.dirname(os.path.dirname(os.path.realpath(metadata)))


def _apart(location: str, own: list[_Parts], foreign: set[_Parts], depth: int) -> Iterator[str]:
    """Yield what the files `own`, equal in their first `depth` parts, have for themselves."""
    below = "/".join(own[0][:depth])
    if not foreign or any(len(parts) == depth for parts in own):
        if os.path.lexists(f"{location}/{below}"):
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
    """Return as few paths as hold `files`: a folder where all that stands in it is among them."""
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
