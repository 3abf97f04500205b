from __future__ import annotations

from adapters import Converter


def build() -> tuple[Converter, list[float]]:
    return Converter(), [1.0, 6.5, 100.0]
