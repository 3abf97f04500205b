"""Files of a page that an index had received at a given moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..moments import upload_end

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ..index.simple_api import Link


class Received(NamedTuple):
    """The files of a page, by when the index received them."""

    before: tuple[Link, ...]
    later: tuple[Link, ...] = ()
    untold: tuple[Link, ...] = ()
    """Those without a time on the page."""


def received(links: Iterable[Link], as_of: datetime) -> Received:
    """Part the files that an index received before a moment from later ones, and from others.

    >>> from resolver import read_moment
    >>> from resolver.index.simple_api import Link
    >>> dated = Link("a-1.tar.gz", "", uploaded="2024-03-01T23:59:59.900000Z")
    >>> found = received([dated, Link("a-2.tar.gz", "")], read_moment("2024-03-01"))
    >>> [[link.file for link in each] for each in found]
    [['a-1.tar.gz'], [], ['a-2.tar.gz']]
    """
    links, end = tuple(links), upload_end(as_of)
    # There are thousands: their texts are in the order of their moments, and no moment is made.
    before = tuple([link for link in links if "" < link.uploaded < end])
    if len(before) == len(links):
        return Received(before)
    later = tuple([link for link in links if link.uploaded >= end])
    return Received(before, later, tuple([link for link in links if not link.uploaded]))
