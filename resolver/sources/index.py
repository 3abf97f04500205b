"""An index: its pages, and the wheels that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .links import Wheels
from .simple import ACCEPT, parse_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..candidates import Candidate, Metadata
    from ..target import Target
    from .fetch import Fetcher
    from .simple import Link


class IndexSource:
    """Answer from one simple index (PEP 503, PEP 691), at any `http:`, `https:` or `file:` URL.

    With `flat` the URL is one page that names the files of every distribution.
    """

    label = "index"

    def __init__(self, url: str, target: Target, fetcher: Fetcher, *, flat: bool = False) -> None:
        self._url = url
        self._flat = flat
        self._fetcher = fetcher
        self._wheels = Wheels(self, target, fetcher)
        self._pages: dict[str, tuple[Link, ...]] = {}
        self._candidates: dict[str, tuple[Candidate, ...]] = {}

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return every version that the page of a name has, also what does not suit the target."""
        if name not in self._candidates:
            self._candidates[name] = self._wheels.candidates(name, self.links(name))
        return self._candidates[name]

    def links(self, name: str) -> Sequence[Link]:
        """Return every file that the page of a normalised name has."""
        return self._page(self._url if self._flat else f"{self._url.rstrip('/')}/{name}/")

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read a wheel's METADATA, and as little else of it as the server allows."""
        return self._wheels.metadata(candidate)

    def _page(self, url: str) -> tuple[Link, ...]:
        if url not in self._pages:
            page = self._fetcher.get(url, accept=ACCEPT)
            self._pages[url] = () if page is None else parse_page(page)
        return self._pages[url]
