from __future__ import annotations

import numba
import numpy as np


class Tones:
    """The strongest frequency of each signal."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def predict(self, signals: np.ndarray) -> np.ndarray:
        return np.array([_strongest(signal) for signal in signals]) * self.rate / signals.shape[1]


@numba.njit
def _strongest(signal: np.ndarray) -> int:
    return np.abs(np.fft.rfft(signal)).argmax()
