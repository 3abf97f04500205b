from __future__ import annotations

import numpy as np
from weekdays import weekday


class Demand:
    """The demand of a day, by its weekday."""

    def __init__(self, by_weekday: np.ndarray) -> None:
        self.by_weekday = by_weekday

    def predict(self, days: list[str]) -> np.ndarray:
        return self.by_weekday[[weekday(day) for day in days]]
