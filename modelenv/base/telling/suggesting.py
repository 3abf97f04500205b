"""Suggest the word that was meant."""

from __future__ import annotations

from collections.abc import Iterable


def near(word: str, known: Iterable[str]) -> str:
    """Return a question that suggests one of some words; empty if none is similar.

    Transposed letters are the most likely error.

    >>> near("verfy", ["verify", "save"]), near("epxort", ["report", "export"])
    (' Did you mean verify?', ' Did you mean export or report?')
    """
    from difflib import get_close_matches

    found = get_close_matches(word, [*known], n=2)
    found.sort(key=lambda each: sorted(each) != sorted(word))
    return f" Did you mean {' or '.join(found)}?" if found else ""
