from __future__ import annotations

import numpy as np
from noisy import Noisy


def build() -> tuple[Noisy, np.ndarray]:
    return Noisy(), (1e6 + np.random.default_rng(0).random(3_000)).astype("float32")
