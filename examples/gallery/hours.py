# /// script
# requires-python = ">=3.11"
# dependencies = ["pyproj", "timezonefinder"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""What time it is where a ship is: a grid of metres, a map of time zones, and their rules."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pyproj
from timezonefinder import TimezoneFinder

import modelenv


class LocalTime:
    """Easting and northing of a grid, and a moment in UTC -> the time of day there."""

    def __init__(self, grid: str) -> None:
        self.grid = grid

    def predict(self, rows: list[tuple[float, float, str]]) -> list[str]:
        to_degrees = pyproj.Transformer.from_crs(self.grid, "EPSG:4326", always_xy=True)
        zones = TimezoneFinder()
        return [self._at(to_degrees, zones, *row) for row in rows]

    def _at(self, to_degrees, zones, easting: float, northing: float, moment: str) -> str:
        longitude, latitude = to_degrees.transform(easting, northing)
        zone = zones.timezone_at(lng=longitude, lat=latitude)
        at = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
        return f"{at.astimezone(ZoneInfo(zone)):%H:%M} {zone}"


example = [(674032.0, 6580822.0, "2026-07-01T12:00"), (320000.0, 6400000.0, "2026-01-01T12:00")]
model = LocalTime("EPSG:3006")
saved = modelenv.save_model(model, "hours_model", input_example=example, overwrite=True)
print(saved)
