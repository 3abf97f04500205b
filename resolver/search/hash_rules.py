"""Files that may be installed, if the user's lines state digests (`--hash`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..local_files import hash_file, path_of
from ..requirements.hashes import allowed_hashes
from ..sources.protocol import Filed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..index.simple_api import Link
    from ..requirements.lines import Line
    from ..sources.protocol import Candidate


class Hashes:
    """The files that may be chosen: if several lines on a name have hashes, all must agree."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.allowed = allowed_hashes(lines)
        self._fitting: dict[Link, bool | None] = {}

    def admit(self, candidate: Candidate) -> bool:
        """Return whether a candidate may be installed, as far as that is known.

        An installed version may stay: the file it came from is no longer known.
        """
        unnamed = candidate.name not in self.allowed or _files_of(candidate) is None
        return unnamed or bool(self.files(candidate))

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return the files of a candidate that may be installed, the best first.

        If none certainly has one of the digests, those for which that is unknown.
        """
        allowed = self.allowed.get(candidate.name)
        files = _files_of(candidate) or ()
        if allowed is None:
            return files
        fitting = {each: self._fits(each, allowed) for each in files}
        sure = tuple(each for each in files if fitting[each])
        return sure or tuple(each for each in files if fitting[each] is None)

    def _fits(self, link: Link, allowed: frozenset[str]) -> bool | None:
        if link not in self._fitting:
            self._fitting[link] = bears_one_of(link.url, link.digests, allowed)
        return self._fitting[link]


def bears_one_of(url: str, hashes: Iterable[str], allowed: Iterable[str]) -> bool | None:
    """Return whether a file has an allowed digest; None if that is unknown.

    `hashes` are its known digests; a local file is hashed now.

    >>> bears_one_of("https://h/a.whl", ["sha256:ab"], ["sha256:cd"])
    False
    """
    wanted, path = set(allowed), path_of(url)
    if path is None:
        known = set(hashes)
    elif path.is_file():
        known = {hash_file(path, each) for each in _algorithms(wanted)}
    else:
        return False
    if known & wanted:
        return True
    return False if _algorithms(wanted) <= _algorithms(known) else None


def _algorithms(hashes: Iterable[str]) -> set[str]:
    return {each.partition(":")[0] for each in hashes}


def _files_of(candidate: Candidate) -> tuple[Link, ...] | None:
    source = candidate.source
    # An isinstance check against a Protocol is much slower than a look at its name.
    if source.label == "installed" or not isinstance(source, Filed):
        return None
    return source.files(candidate)
