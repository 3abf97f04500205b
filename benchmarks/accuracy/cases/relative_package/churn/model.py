from __future__ import annotations

from .base import Scorer


class Churn(Scorer):
    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights

    def score(self, customer: dict[str, float]) -> float:
        from .scoring import weighted

        return weighted(self.weights, customer)
