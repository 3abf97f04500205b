# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-learn", "polars"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""Bicycles on the road by the hour: scikit-learn, with a transformer of its own.

The steps hand each other frames of polars, which one string asks for.
"""

import numpy as np
from own.clock import Clock
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

import modelenv

hours = np.arange("2026-01-01", "2026-03-01", dtype="datetime64[h]")
noon = np.cos(2 * np.pi * (hours.astype(int) % 24 - 12) / 24)
bikes = np.random.default_rng(0).poisson(40 + 35 * noon)

times = hours.astype(str).reshape(-1, 1)
model = make_pipeline(Clock(), PolynomialFeatures(2), HistGradientBoostingRegressor())
model[:-1].set_output(transform="polars")
model.fit(times, bikes)

saved = modelenv.save_model(model, "bikes_model", input_example=times[:3], overwrite=True)
print(saved)
