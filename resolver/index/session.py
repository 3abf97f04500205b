"""How files elsewhere are reached: the door, and what is kept of what came through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import SourceError
from ..requirements.references import without_credentials
from .cache import HttpCache
from .fetcher import Fetcher

if TYPE_CHECKING:
    from .fetcher import Fetched

# What PyPI says of its own pages; an index that says nothing is taken at that.
_LIFETIME = 600


def _no_cache() -> HttpCache:
    return HttpCache(None)


@dataclass(frozen=True, slots=True)
class Access:
    """What every source on the network shares."""

    fetcher: Fetcher = field(default_factory=Fetcher)
    cache: HttpCache = field(default_factory=_no_cache)
    lifetime: int = _LIFETIME
    """Seconds for which a page is taken as it was, where its server says nothing of it."""

    offline: bool = False
    """Take what is kept, however old, and fetch nothing."""

    def demand(self, url: str) -> None:
        """Raise `SourceError` for what would have to be fetched while offline."""
        if self.offline and is_remote(url):
            raise SourceError(without_credentials(url), "it was never fetched, and this is offline")

    def get(self, url: str, *, accept: str = "*/*", etag: str = "") -> Fetched | None:
        """Fetch a whole file, as `Fetcher.get`. Raises `SourceError`."""
        self.demand(url)
        return self.fetcher.get(url, accept=accept, etag=etag)


def is_remote(url: str) -> bool:
    """Return whether a URL leads elsewhere.

    >>> is_remote("https://host/a.whl"), is_remote("file:///a.whl")
    (True, False)
    """
    return urlsplit(url).scheme != "file"
