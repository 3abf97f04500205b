from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from forecast.smoothing import Smoothing


def build() -> tuple[Smoothing, np.ndarray]:
    return Smoothing(weight=0.3, period=4), np.array([3.0, 5.0, 9.0, 4.0, 3.5, 5.5, 9.5, 4.5])
