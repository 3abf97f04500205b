from __future__ import annotations

import zoneinfo
from datetime import datetime


class Hours:
    """The hour that a clock in the zone shows at a moment."""

    def __init__(self, zone: str) -> None:
        self.zone = zone

    def predict(self, moments: list[int]) -> list[int]:
        zoneinfo.reset_tzpath(())  # the same zones on every system: those that are installed
        zone = zoneinfo.ZoneInfo(self.zone)
        return [datetime.fromtimestamp(moment, zone).hour for moment in moments]
