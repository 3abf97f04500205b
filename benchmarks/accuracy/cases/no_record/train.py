from __future__ import annotations

from addresses import Addresses


def build() -> tuple[Addresses, list[str]]:
    return Addresses(), ["Żółw & jeż", "Straße 7", "C'est déjà l'été"]
