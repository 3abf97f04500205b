"""Index pages: from the cache while they are fresh, else fetched."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..local_files import path_of
from ..requirements.references import without_credentials
from .cache import is_of
from .credentials import may_hold_secret
from .page_parts.project_status import ACTIVE, ProjectStatus
from .simple_api import ACCEPT, Link, Page, parse_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .fetcher import Fetched
    from .session import Access

# The most seconds that a server's max-age counts for: a day.
_LONGEST = 86_400
_LONG = 30  # characters: few names are as long, and each of these is fetched again
_NONE = type(None)
_COLUMNS: tuple[set[Any], ...] = (
    *({str}, {str}, {str}, {bool}, {str}, {list}),
    *({int, _NONE}, {str}),
)
"""The types of the stored columns: a file's name, its address, and the rest of a `Link`."""
_HASHES = 5
_APART = -2  # the last two of a `Link`: in one text, and only where they are; that takes less time


class Pages:
    """Reads pages through a cache.

    A page stays fresh as long as its server says, else as long as `access` says; after that it is
    requested again, with the server's tag if it gave one.
    """

    def __init__(self, access: Access) -> None:
        self._lifetime = access.lifetime
        self._fetcher = access.fetcher
        self._cache = access.cache
        self._known: dict[str, Page | None] = {}

    def links(self, url: str) -> tuple[Link, ...] | None:
        """Return the links of a page; None if there is no such page. Raises `SourceError`."""
        page = self._page(url)
        return None if page is None else page.links

    def remarks(self, url: str) -> tuple[str, ...]:
        """Return the faults of a page that was read; none for any other."""
        page = self._known.get(url)
        return () if page is None else page.remarks

    def status(self, url: str) -> ProjectStatus:
        """Return the project status of a page that was read; ACTIVE for any other."""
        page = self._known.get(url)
        return ACTIVE if page is None else page.status

    def is_at_hand(self, url: str) -> bool:
        """Return whether a page is known without a request."""
        if url not in self._known:
            kept = self._kept(url)
            if kept is not None and (self._fetcher.offline or self._is_fresh(kept)):
                self._known[url] = kept.page
        return url in self._known

    def _is_fresh(self, kept: _Kept) -> bool:
        now = self._cache.now()
        return now < kept.until <= now + _LONGEST  # else the clock was turned back meanwhile

    def _page(self, url: str) -> Page | None:
        if not self.is_at_hand(url):
            self._known[url] = self._ask(url)
        return self._known[url]

    def _ask(self, url: str) -> Page | None:
        kept = self._kept(url)
        came = self._fetcher.get(url, accept=ACCEPT, etag=kept.etag if kept else "")
        if came is not None and came.unchanged and kept is not None:
            page = kept.page
        else:
            most = self._fetcher.bounds.links
            page = None if came is None else parse_page(came, most=most)
        if path_of(url) is None:
            self._keep(url, came, page)
        return page

    def _kept(self, url: str) -> _Kept | None:
        place = without_credentials(url)
        value = self._cache.get("pages", place)
        if not _is_entry(value):
            return None
        until, etag, base, remarks, rows, uploads, reasons, status = value
        if rows is None:
            return _Kept(until, etag, None)
        links = _links(base or place, rows, uploads.split("\n"), dict(reasons))
        return _Kept(until, etag, Page(links, tuple(remarks), ProjectStatus.of(*status)))

    def _keep(self, url: str, came: Fetched | None, page: Page | None) -> None:
        age = self._lifetime if came is None or came.max_age is None else came.max_age
        etag = came.etag if came else ""
        links = page.links if page else ()
        base = links[0].base if links else ""
        base = "" if base == without_credentials(url) else base  # it may hold secrets
        # A page with a secret would bring it into a file.
        if may_hold_secret(_without_name(without_credentials(url))) or any(
            map(_holds_login, links)
        ):
            return
        rows = [(each.file, each.href, *each[3:_APART]) for each in links] if page else None
        uploads = "\n".join([each.uploaded for each in links])
        reasons = [(n, each.yanked_reason) for n, each in enumerate(links) if each.yanked_reason]
        until = self._cache.now() + min(age, _LONGEST)
        page = page or Page()
        kept = (until, etag, base, page.remarks, rows, uploads, reasons, page.status)
        self._cache.put("pages", without_credentials(url), kept)


def _without_name(url: str) -> str:
    """Return a page's address without the name at its end, which has few characters."""
    index, _, name = url.removesuffix("/").rpartition("/")
    return index if url.endswith("/") and len(name) < _LONG else url


def _holds_login(link: Link) -> bool:
    """Return whether a link has a login or a query; it may be signed for one user."""
    href = link.href
    return "?" in href or ("@" in href and without_credentials(href) != href)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A page that was fetched before."""

    until: float
    etag: str
    page: Page | None


def _is_entry(value: Any) -> bool:
    """Return whether a cached value has the form that `_keep` writes."""
    if not is_of(
        value, ({int, float}, str, str, [str], {list, _NONE}, str, [(int, str)], (str, str))
    ):
        return False
    rows = value[4] or ()
    if rows and value[5].count("\n") + 1 != len(rows):
        return False
    if {*map(type, rows)} - {list} or {*map(len, rows)} - {len(_COLUMNS)}:
        return False
    columns = [*zip(*rows, strict=True)]  # of thousands: a call for each would take too long
    found = ({*map(type, column)} for column in columns)
    if not all(map(set.issubset, found, _COLUMNS)):
        return False
    return not columns or {*map(type, chain.from_iterable(columns[_HASHES]))} <= {str}


def _links(
    base: str, rows: Iterable[list[Any]], uploads: Iterable[str], reasons: Mapping[int, str]
) -> tuple[Link, ...]:
    new = tuple.__new__  # of thousands: what `Link` does besides would be half of the time
    made: list[Link] = [
        new(
            Link,
            (file, href, base, python, yanked, metadata, tuple(hashes), size, wrong, uploaded, ""),
        )
        for (file, href, python, yanked, metadata, hashes, size, wrong), uploaded in zip(
            rows, uploads, strict=False
        )
    ]
    for number, reason in reasons.items():
        if 0 <= number < len(made):
            made[number] = made[number]._replace(yanked_reason=reason)
    return tuple(made)
