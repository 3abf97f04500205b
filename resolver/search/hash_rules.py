"""What files may hash to, where the user's lines say so (`--hash`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..local_files import hash_file, path_of
from ..sources.protocol import Filed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..index.simple_api import Link
    from ..requirements.lines import Line
    from ..sources.protocol import Candidate


class Hashes:
    """Return which files may be chosen: where several lines on a name say it, all must agree."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._allowed: dict[str, frozenset[str]] = {}
        self._known: dict[Link, frozenset[str]] = {}
        for line in lines:
            name, said = line.requirement.name, frozenset(line.hashes)
            self._allowed[name] = self._allowed.get(name, said) & said

    def admit(self, candidate: Candidate) -> bool:
        """Return whether a candidate may be installed, as far as that is known.

        What is installed may stay: what it was installed from is not known any more.
        """
        unnamed = candidate.name not in self._allowed or _files_of(candidate) is None
        return unnamed or bool(self.files(candidate))

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return the files of a candidate that may be installed, the best first."""
        allowed = self._allowed.get(candidate.name)
        files = _files_of(candidate) or ()
        if allowed is None:
            return files
        return tuple(each for each in files if self._fits(each, allowed))

    def _fits(self, link: Link, allowed: frozenset[str]) -> bool:
        if link not in self._known:
            self._known[link] = _hashes_of(link, {each.partition(":")[0] for each in allowed})
        return bool(self._known[link] & allowed)


def _files_of(candidate: Candidate) -> tuple[Link, ...] | None:
    source = candidate.source
    # Asking a source what it can is much slower than asking its name.
    if source.label == "installed" or not isinstance(source, Filed):
        return None
    return source.files(candidate)


def _hashes_of(link: Link, algorithms: Iterable[str]) -> frozenset[str]:
    """Return what a file hashes to: as its index says; of one on this disk, as it does."""
    path = path_of(link.url)
    if path is None:
        return frozenset(link.digests)
    return (
        frozenset(hash_file(path, each) for each in algorithms) if path.is_file() else frozenset()
    )
