from __future__ import annotations

import re

import snowballstemmer

WORD = re.compile(r"[a-z]+")


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text`, in order."""
    stemmer = snowballstemmer.stemmer("english")
    return list(stemmer.stemWords(WORD.findall(text.lower())))
