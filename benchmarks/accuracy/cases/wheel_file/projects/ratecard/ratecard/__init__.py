from __future__ import annotations

from sortedcontainers import SortedDict


class RateCard:
    """The price of a quantity, by the step it falls in."""

    def __init__(self, steps: dict[int, float]) -> None:
        self.steps = SortedDict(steps)

    def predict(self, quantities: list[float]) -> list[float]:
        return [quantity * self._rate(quantity) for quantity in quantities]

    def _rate(self, quantity: float) -> float:
        return self.steps.values()[self.steps.bisect_right(quantity) - 1]
