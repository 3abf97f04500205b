from __future__ import annotations

from words import Words


def build() -> tuple[Words, list[int]]:
    return Words(), [7, -12, 1_000_001]
