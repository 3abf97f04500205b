from __future__ import annotations

from ranks import Ranks


def build() -> tuple[Ranks, list[float]]:
    return Ranks([3.0, 1.0, 2.0, 8.0]), [0.0, 2.5, 9.0]
