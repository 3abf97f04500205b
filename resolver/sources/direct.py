"""Wheels that the user names by their URL."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .links import Wheels
from .simple import Link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..candidates import Candidate, Metadata
    from ..target import Target
    from .fetch import Fetcher


class DirectSource:
    """Answer for names that the user gave a wheel's URL for (`name @ https://.../x.whl`).

    `urls` maps normalised names. What is no wheel has no candidate: it would have to be built.
    """

    label = "url"

    def __init__(self, urls: Mapping[str, str], target: Target, fetcher: Fetcher) -> None:
        self._urls = dict(urls)
        self._wheels = Wheels(self, target, fetcher)
        self._candidates: dict[str, tuple[Candidate, ...]] = {}

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return the one wheel of a name, or nothing."""
        if name not in self._candidates:
            url = self._urls.get(name, "").partition("#")[0]
            links = [Link(unquote(urlsplit(url).path.rpartition("/")[2]), url)]
            found = self._wheels.candidates(name, links, references=(self._urls.get(name, ""),))
            self._candidates[name] = found
        return self._candidates[name]

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read the METADATA inside the wheel."""
        return self._wheels.metadata(candidate)
