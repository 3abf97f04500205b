from __future__ import annotations

DIGITS = 3


class FastSum:
    """Sums, as exact as this build can make them."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def predict(self, rows: list[list[float]]) -> list[float]:
        return [round(self.scale * sum(row), DIGITS) for row in rows]
