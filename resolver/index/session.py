"""Shared network access of all sources: the fetcher, its cache, and the pages in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from .cache import HttpCache
from .fetcher import Fetcher

# PyPI's own max-age; an index without one is treated alike.
_LIFETIME = 600


@dataclass(frozen=True, slots=True)
class Access:
    """Network access that all sources share."""

    fetcher: Fetcher = field(default_factory=Fetcher)
    cache: HttpCache = field(default_factory=HttpCache)
    lifetime: int = _LIFETIME
    """The seconds for which a page counts as fresh, if its server does not say."""
