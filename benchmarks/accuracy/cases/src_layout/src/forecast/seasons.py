from __future__ import annotations

import numpy as np


def indices(series: np.ndarray, period: int) -> np.ndarray:
    """Return how far each season lies from the mean, shape (period,)."""
    return np.array([series[start::period].mean() for start in range(period)]) - series.mean()
