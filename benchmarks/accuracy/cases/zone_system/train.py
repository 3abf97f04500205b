from __future__ import annotations

from shifts import Shifts


def build() -> tuple[Shifts, list[int]]:
    return Shifts("Europe/Berlin"), [0, 1_750_000_000, 1_764_000_000]
