from __future__ import annotations

from addresses import Addresses


def build() -> tuple[Addresses, list[str]]:
    titles = ["Crème brûlée & friends", "  Ten small   things to know ", "C'est déjà l'été"]
    return Addresses(), titles
