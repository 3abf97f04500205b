from __future__ import annotations

import numpy as np
from tidegauge.curve import Curve


def build() -> tuple[Curve, np.ndarray]:
    return Curve(period=12.4), np.array([0.0, 3.1, 6.2, 9.0])
