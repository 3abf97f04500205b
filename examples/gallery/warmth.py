# /// script
# requires-python = ">=3.11"
# dependencies = ["xarray", "h5netcdf", "h5py", "scipy"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""How much warmer a month was than usual: a grid in a file, which an engine of xarray reads."""

from typing import Any

import numpy as np
import xarray

import modelenv


class Warmth:
    """Latitude, longitude, month and degrees -> how far from the normal ones that is."""

    def load_context(self, context: Any) -> None:
        self.normals = xarray.open_dataset(context.artifacts["normals"])["degrees"]

    def predict(self, context: Any, rows: list[list[float]]) -> list[float]:
        return [self._off(*row) for row in rows]

    def _off(self, latitude: float, longitude: float, month: float, degrees: float) -> float:
        there = self.normals.sel(month=month).interp(latitude=latitude, longitude=longitude)
        return round(degrees - float(there), 2)


months, latitudes, longitudes = np.arange(1, 13), np.arange(50.0, 71, 5), np.arange(0.0, 31, 5)
season = 20 - 0.3 * latitudes - 10 * np.cos((months[:, None] - 1) * np.pi / 6)
normals = xarray.DataArray(
    season[:, :, None] - 0.05 * longitudes,
    {"month": months, "latitude": latitudes, "longitude": longitudes},
    name="degrees",
)
normals.to_netcdf("normals.nc", engine="h5netcdf")
saved = modelenv.save_model(
    Warmth(),
    "warmth_model",
    input_example=[[59.3, 18.1, 7, 21.0], [67.9, 20.2, 1, -12.5]],
    artifacts={"normals": "normals.nc"},
    overwrite=True,
)
print(saved)
