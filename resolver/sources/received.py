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
_PLAIN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"
_ALL_PLAIN = re.compile(rf"(?:(?:{_PLAIN})?\n)*", re.ASCII)


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
    links = tuple(links)
    texts = [link.uploaded for link in links]
    if not _ALL_PLAIN.fullmatch("\n".join([*texts, ""])):
        return _one_by_one(links, as_of)
    # There are thousands, and comparing them as they are takes a tenth of making moments of them.
    end = as_of.astimezone(UTC).replace(tzinfo=None).isoformat()
    if "." in end:
        end, texts = end.rstrip("0"), [text[:-1] for text in texts]
    pairs = list(zip(links, texts, strict=True))
    before = tuple([link for link, text in pairs if text and text < end])
    if len(before) == len(links):
        return Received(before)
    later = tuple([link for link, text in pairs if text >= end])
    return Received(before, later, tuple([link for link, text in pairs if not text]))


def _one_by_one(links: Iterable[Link], as_of: datetime) -> Received:
    before: list[Link] = []
    later: list[Link] = []
    untold: list[Link] = []
    for link in links:
        moment = upload_moment(link.uploaded)
        if moment is None:
            untold.append(link._replace(uploaded="") if link.uploaded else link)
        else:
            (before if moment < as_of else later).append(link)
    return Received(tuple(before), tuple(later), tuple(untold))
