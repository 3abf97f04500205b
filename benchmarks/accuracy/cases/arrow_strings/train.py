from __future__ import annotations

from capitals import Capitals


def build() -> tuple[Capitals, list[str]]:
    return Capitals(), ["Lange Straße", "Am Ufer"]
