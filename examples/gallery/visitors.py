# /// script
# requires-python = ">=3.11"
# dependencies = ["prophet"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""Visitors of a museum by the day, with the holidays of its country: a forecast by Prophet."""

import numpy as np
import pandas as pd
from prophet import Prophet

import modelenv

days = pd.date_range("2025-01-01", "2025-12-31", freq="D")
visitors = 500 + 200 * (days.dayofweek >= 5) + 80 * np.sin(2 * np.pi * days.dayofyear / 365)
noise = np.random.default_rng(0).normal(0, 20, len(days))
model = Prophet(uncertainty_samples=0)
model.add_country_holidays("SE")
model.fit(pd.DataFrame({"ds": days, "y": visitors + noise}))

coming = pd.DataFrame({"ds": pd.date_range("2026-05-01", periods=3)})
saved = modelenv.save_model(model, "visitors_model", input_example=coming, overwrite=True)
print(saved)
