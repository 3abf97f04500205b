from __future__ import annotations

import polars as pl
from seasons import SeasonalMean


def build() -> tuple[SeasonalMean, pl.DataFrame]:
    sales = pl.DataFrame(
        {"season": ["spring", "summer", "spring", "winter"], "sold": [10.0, 31.5, 14.0, 3.25]}
    )
    asked = pl.DataFrame({"season": ["summer", "winter", "spring"], "shops": [3, 4, 2]})
    return SeasonalMean(sales), asked
