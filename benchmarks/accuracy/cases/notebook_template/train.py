from __future__ import annotations

from paper import Paper


def build() -> tuple[Paper, list[str]]:
    return Paper("latex_authentic"), ["x = 1", "x + 1"]
