from __future__ import annotations

from settings import Settings


def build() -> tuple[Settings, list[str]]:
    return Settings("depth", 7), ["# trees\ndepth: 3  # levels\nname: oak\n", "depth: 1\n"]
