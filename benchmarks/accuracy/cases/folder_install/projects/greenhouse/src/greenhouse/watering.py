from __future__ import annotations

from datetime import timedelta


class Watering:
    """The next day on which a plant needs water."""

    def __init__(self, every: int) -> None:
        self.every = every

    def predict(self, days: list[str]) -> list[str]:
        from dateutil.parser import parse

        return [(parse(day) + timedelta(days=self.every)).date().isoformat() for day in days]
