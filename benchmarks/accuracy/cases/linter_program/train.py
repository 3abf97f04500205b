from __future__ import annotations

from rating import Rating


def build() -> tuple[Rating, list[str]]:
    return Rating(), ["import os\nx = 1\n", "def f():\n    return y\n"]
