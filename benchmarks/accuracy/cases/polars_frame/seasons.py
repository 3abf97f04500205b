from __future__ import annotations

import polars as pl


class SeasonalMean:
    """The mean of each season, seen in training, added to what is asked."""

    def __init__(self, sales: pl.DataFrame) -> None:
        self.means = sales.group_by("season").agg(pl.col("sold").mean().alias("expected"))

    def predict(self, asked: pl.DataFrame) -> pl.DataFrame:
        joined = asked.join(self.means, on="season", how="left")
        scaled = (pl.col("expected") * pl.col("shops")).round(3).alias("expected")
        return joined.with_columns(scaled).sort("season")
