from __future__ import annotations

import sys
from pathlib import Path

from spylls.hunspell import Dictionary


class Spelling:
    """Which words a language has."""

    def __init__(self, language: str) -> None:
        self.language = language

    def predict(self, words: list[str]) -> list[bool]:
        files = Path(sys.prefix, "share", "hunspell", self.language)
        dictionary = Dictionary.from_files(str(files))
        return [dictionary.lookup(word) for word in words]
