from __future__ import annotations

import numpy as np
from sklearn.tree import DecisionTreeRegressor


class Visitors:
    """The number of visitors, in words."""

    def __init__(self, regressor: DecisionTreeRegressor) -> None:
        self.regressor = regressor

    def predict(self, features: np.ndarray) -> list[str]:
        import inflect

        words = inflect.engine()
        counts = np.rint(self.regressor.predict(features)).astype(int)
        return [f"{words.number_to_words(n)} {words.plural('visitor', n)}" for n in counts.tolist()]


def build() -> tuple[Visitors, np.ndarray]:
    hours = np.arange(24, dtype=float).reshape(-1, 1)
    counts = np.rint(40 * np.sin(hours[:, 0] / 24 * np.pi))
    regressor = DecisionTreeRegressor(max_depth=4, random_state=0).fit(hours, counts)
    return Visitors(regressor), hours[::6]
