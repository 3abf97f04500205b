from __future__ import annotations

import numpy as np
from spread import Spread


def build() -> tuple[Spread, np.ndarray]:
    return Spread(), (1e6 + np.random.default_rng(0).random(5_000)).astype("float32")
