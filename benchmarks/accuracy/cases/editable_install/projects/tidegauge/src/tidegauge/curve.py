from __future__ import annotations

import numpy as np


class Curve:
    """The depth at hours after high tide, and whether a ship may enter."""

    def __init__(self, period: float) -> None:
        self.period = period

    def predict(self, hours: np.ndarray) -> list[tuple[float, bool]]:
        from harbour import may_enter

        depths = 6 + 2.5 * np.cos(2 * np.pi * hours / self.period)
        return [(depth, may_enter(depth)) for depth in depths.tolist()]
