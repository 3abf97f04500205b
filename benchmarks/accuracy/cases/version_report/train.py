from __future__ import annotations

from tide import Tide


def build() -> tuple[Tide, list[float]]:
    return Tide(), [0.0, 3.5, 6.0]
