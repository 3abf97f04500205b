from __future__ import annotations

import numpy as np
from loads import Loads


def build() -> tuple[Loads, np.ndarray]:
    return Loads(np.array([0.5, 2.0, -1.0])), np.arange(12.0).reshape(4, 3)
