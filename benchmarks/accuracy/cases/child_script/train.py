from __future__ import annotations

from shelf import Shelf


def build() -> tuple[Shelf, list[str]]:
    return Shelf(), ["Österreich", "Zürich", "Ålesund", "Oslo", "alpha"]
