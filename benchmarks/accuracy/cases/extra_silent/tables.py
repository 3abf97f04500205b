from __future__ import annotations

from tabulate import tabulate


class Tables:
    """Counts as a table of text."""

    def __init__(self, style: str) -> None:
        self.style = style

    def predict(self, counts: dict[str, int]) -> str:
        return tabulate(list(counts.items()), headers=["city", "people"], tablefmt=self.style)
