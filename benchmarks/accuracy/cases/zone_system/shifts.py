from __future__ import annotations

import pandas as pd


class Shifts:
    """The hours of moments, in the zone of a plant."""

    def __init__(self, zone: str) -> None:
        self.zone = zone

    def predict(self, moments: list[int]) -> list[int]:
        stamps = pd.to_datetime(pd.Series(moments), unit="s", utc=True)
        return stamps.dt.tz_convert(self.zone).dt.hour.tolist()
