"""Which of the files that a page names an index had received at a moment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..moments import UTC, upload_moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ..index.simple_api import Link

# As PEP 700 has it: such texts are in the order of their moments.
_PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)


class Received(NamedTuple):
    """The files of a page, by when the index received them."""

    before: tuple[Link, ...]
    later: tuple[Link, ...] = ()
    untold: tuple[Link, ...] = ()
    """Those of which the page does not say when."""


def received(links: Iterable[Link], as_of: datetime) -> Received:
    """Part the files that an index received before a moment from later ones, and from others.

    >>> from resolver import read_moment
    >>> from resolver.index.simple_api import Link
    >>> links = [Link("a-1.tar.gz", "", uploaded="2024-03-01T23:59:59.9Z"), Link("a-2.tar.gz", "")]
    >>> [[link.file for link in each] for each in received(links, read_moment("2024-03-01"))]
    [['a-1.tar.gz'], [], ['a-2.tar.gz']]
    """
    before: list[Link] = []
    later: list[Link] = []
    untold: list[Link] = []
    end, is_plain = _end(as_of), _PLAIN.fullmatch
    for link in links:  # there are thousands: a moment is made of few
        text = link.uploaded
        if is_plain(text):
            (before if text[:-1] < end else later).append(link)
        elif moment := upload_moment(text):
            (before if moment < as_of else later).append(link)
        else:
            untold.append(link._replace(uploaded="") if text else link)
    return Received(tuple(before), tuple(later), tuple(untold))


def _end(as_of: datetime) -> str:
    """Return the least text of no file that counts, as PEP 700 writes it, without its zone."""
    text = as_of.astimezone(UTC).replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text
