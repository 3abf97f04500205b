"""Whether a program said what a page shows, whatever varies from day to day and place to place."""

from __future__ import annotations

import re

# What is another on each machine and each day, and what both texts have in its place.
_VARIES = (
    (r"\x1b\[[0-9;]*m", ""),
    (r"(?<![\w.:/~…])(?:/|~/|\.\./)(?:[\w.+@-]+/)+", "/…/"),  # where a folder stands
    (r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?", "DATE"),
    (r"\b[0-9a-f]{8,}\b", "DIGEST"),
    (r"\b\d+(?:\.\d+)?( ?)(k|M|G)B\b", "SIZE"),
    (r"\b\d+ (?=files\b|builds\b|modules\b)", "N "),
    (r"\bv?\d+(?:\.\w+)+(?:[+-][\w.+~-]+)?", "VERSION"),  # decimals too
    (r"\s+", " "),
)
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.)\s*")


def plain(text: str) -> str:
    """Return a text without what varies."""
    for pattern, instead in _VARIES:
        text = re.sub(pattern, instead, text)
    return text.strip()


def alike(said: str, shown: str) -> bool:
    """Return whether a program said what is shown: `…` and `...` stand for anything.

    >>> alike("/tmp/x/wine: 7 pins, numpy==2.4.6", "/home/me/wine: 7 pins, numpy==2.1")
    True
    >>> alike("a, b, c and d", "a, … and d"), alike("6 pins", "7 pins")
    (True, False)
    """
    parts = [plain(each) for each in _ELLIPSIS.split(re.sub(r"/…/", "/_/", shown))]
    pattern = r".*?".join(re.escape(each).replace(r"/_/", ".*?/") for each in parts)
    return re.fullmatch(pattern, plain(said), re.DOTALL) is not None
