from __future__ import annotations

import pandas as pd


class Rates:
    """Prices by weight, of a table with a column for each zone."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table

    def predict(self, parcels: list[tuple[int, str]]) -> list[float]:
        return [float(self.table.at[weight, zone]) for weight, zone in parcels]
