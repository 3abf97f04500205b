"""Shared network access of all sources: the fetcher, its cache, and the pages in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from .cache import HttpCache
from .fetcher import Fetcher

# What PyPI says of its own pages; an index that says nothing is taken at that.
_LIFETIME = 600


@dataclass(frozen=True, slots=True)
class Access:
    """Network access that all sources share."""

    fetcher: Fetcher = field(default_factory=Fetcher)
    cache: HttpCache = field(default_factory=HttpCache)
    lifetime: int = _LIFETIME
    """Seconds for which a page is taken as it was, where its server says nothing of it."""
