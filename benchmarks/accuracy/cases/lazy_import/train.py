from __future__ import annotations

from amounts import Amounts


def build() -> tuple[Amounts, list[float]]:
    return Amounts("fr"), [71.0, 3.5, 1999.0]
