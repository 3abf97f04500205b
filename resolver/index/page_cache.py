"""The pages of indexes: from the cache while they are fresh, else fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..local_files import path_of
from ..requirements.references import without_credentials
from .credentials import may_hold_secret
from .simple_api import ACCEPT, Link, parse_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .fetcher import Fetched
    from .session import Access


_LONG = 30  # characters: few names have as many, and each is then fetched anew


class Pages:
    """Read pages through a cache.

    A page stays fresh as long as its server says, else as long as `access` does; after that it is
    asked for again, with the server's mark where it gave one.
    """

    def __init__(self, access: Access) -> None:
        self._lifetime = access.lifetime
        self._fetcher = access.fetcher
        self._cache = access.cache
        self._known: dict[str, tuple[Link, ...] | None] = {}

    def links(self, url: str) -> tuple[Link, ...] | None:
        """Return what a page names; None where there is no such page. Raises `SourceError`."""
        if not self.is_at_hand(url):
            self._known[url] = self._ask(url)
        return self._known[url]

    def is_at_hand(self, url: str) -> bool:
        """Return whether a page is known without asking for it."""
        if url not in self._known:
            kept = self._kept(url)
            if kept is not None and (self._fetcher.offline or kept.until > self._cache.now()):
                self._known[url] = kept.links
        return url in self._known

    def _ask(self, url: str) -> tuple[Link, ...] | None:
        kept = self._kept(url)
        page = self._fetcher.get(url, accept=ACCEPT, etag=kept.etag if kept else "")
        if page is not None and page.unchanged and kept is not None:
            links = kept.links
        else:
            links = None if page is None else parse_page(page)
        if path_of(url) is None:
            self._keep(url, page, links)
        return links

    def _kept(self, url: str) -> _Kept | None:
        value = self._cache.get("pages", without_credentials(url))
        if value is None:
            return None
        until, etag, base, rows = value
        return _Kept(until, etag, None if rows is None else _links(base, rows))

    def _keep(self, url: str, page: Fetched | None, links: tuple[Link, ...] | None) -> None:
        age = self._lifetime if page is None or page.max_age is None else page.max_age
        etag = page.etag if page else ""
        base = links[0].base if links else ""
        # What bears a secret would bring it into a file.
        if may_hold_secret(_without_name(without_credentials(url))) or any(
            map(_holds_login, links or ())
        ):
            return
        rows = None if links is None else [(each.file, each.href, *each[3:]) for each in links]
        kept = (self._cache.now() + age, etag, base, rows)
        self._cache.put("pages", without_credentials(url), kept)


def _without_name(url: str) -> str:
    """Return the address of an index; the last part of a page's is a name of few characters."""
    index, _, name = url.removesuffix("/").rpartition("/")
    return index if url.endswith("/") and len(name) < _LONG else url


def _holds_login(link: Link) -> bool:
    """Tell whether a link has a login, or a query: it may be signed for whoever asked."""
    href = link.href
    return "?" in href or ("@" in href and without_credentials(href) != href)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A page that was fetched before."""

    until: float
    etag: str
    links: tuple[Link, ...] | None


def _links(base: str, rows: Iterable[list[Any]]) -> tuple[Link, ...]:
    made = [  # of thousands: a call for each would be half of the time
        Link(file, href, base, python, yanked, metadata, tuple(hashes), size)
        for file, href, python, yanked, metadata, hashes, size in rows
    ]
    return tuple(made)
