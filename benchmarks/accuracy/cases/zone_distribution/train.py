from __future__ import annotations

from hours import Hours


def build() -> tuple[Hours, list[int]]:
    return Hours("Europe/Berlin"), [0, 1_750_000_000, 1_764_000_000]
