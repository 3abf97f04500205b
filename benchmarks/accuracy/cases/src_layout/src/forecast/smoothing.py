from __future__ import annotations

import numpy as np

from forecast.seasons import indices


class Smoothing:
    """Exponential smoothing with a season of `period` steps."""

    def __init__(self, weight: float, period: int) -> None:
        self.weight = weight
        self.period = period

    def predict(self, series: np.ndarray) -> np.ndarray:
        seasons = indices(series, self.period)
        level = series[0]
        for step, value in enumerate(series):
            level += self.weight * (value - seasons[step % self.period] - level)
        return level + seasons
