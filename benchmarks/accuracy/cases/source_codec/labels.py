# -*- coding: future_fstrings -*-
from __future__ import annotations

from toolz import frequencies


class Labels:
    """Words with how often they stand there."""

    def predict(self, words: list[str]) -> list[str]:
        return [f"{word}: {count}" for word, count in sorted(frequencies(words).items())]
