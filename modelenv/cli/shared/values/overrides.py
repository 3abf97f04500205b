"""Requirements that replace pins for one run, as one text."""

from __future__ import annotations

import re

# A comma separates requirements only if a name follows.
_BETWEEN = r",(?=\s*[A-Za-z])(?![^\[]*\])"


def split_override(text: str | None) -> list[str] | None:
    """Split an override into lines at commas, except within a specifier or a bracket.

    >>> split_override("numpy>=1.26,<2,pandas")
    ['numpy>=1.26,<2', 'pandas']
    """
    if text is None:
        return None
    return [line.strip() for line in re.split(_BETWEEN, text) if line.strip()]
