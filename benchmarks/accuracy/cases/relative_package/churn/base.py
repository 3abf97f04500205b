from __future__ import annotations

from abc import ABC, abstractmethod


class Scorer(ABC):
    """What every scorer does: one score for each customer."""

    def predict(self, customers: list[dict[str, float]]) -> list[float]:
        return [self.score(customer) for customer in customers]

    @abstractmethod
    def score(self, customer: dict[str, float]) -> float:
        """Return the score of one customer."""
