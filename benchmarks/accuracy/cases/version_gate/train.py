from __future__ import annotations

from amounts import Amounts


def build() -> tuple[Amounts, list[int]]:
    return Amounts(), [950, 12_500, 3_000_000]
