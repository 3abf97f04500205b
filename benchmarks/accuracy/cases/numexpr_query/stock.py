from __future__ import annotations

import pandas as pd


class Stock:
    """What is left of each bottle, by an expression."""

    def __init__(self, expression: str) -> None:
        self.expression = expression

    def predict(self, counts: pd.DataFrame) -> list[int]:
        return counts.eval(self.expression).tolist()
