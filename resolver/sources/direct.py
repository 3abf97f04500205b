"""Files that the user names by their URL."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..index.simple_api import Link
from .links import Files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..index.session import Access
    from ..target import Target
    from .protocol import Candidate, Metadata


class DirectSource:
    """Files that the user names by their URL (`name @ https://.../x.whl`).

    `urls` maps normalised names. What is no archive (a repository, a folder) has no candidate.
    """

    label = "url"

    def __init__(self, urls: Mapping[str, str], target: Target, access: Access) -> None:
        self._urls = dict(urls)
        self._files = Files(self, target, access)
        self._candidates: dict[str, tuple[Candidate, ...]] = {}

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return the one file of a name, or nothing."""
        if name not in self._candidates:
            url, _, fragment = self._urls.get(name, "").partition("#")
            hashes = tuple(each for each in fragment.split("&") if each.startswith("sha256="))
            links = [Link(unquote(urlsplit(url).path.rpartition("/")[2]), url, hashes=hashes)]
            found = self._files.candidates(name, links, references=(self._urls.get(name, ""),))
            self._candidates[name] = found
        return self._candidates[name]

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read the metadata inside the file."""
        return self._files.metadata(candidate)

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return the one file."""
        return self._files.links(candidate)
