# /// script
# requires-python = ">=3.11"
# dependencies = ["catboost", "pandas"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""Rents of flats, with how sure it is: gradient boosting on columns of words, by CatBoost."""

import numpy as np
import pandas as pd
from catboost import CatBoostRegressor

import modelenv

drawn = np.random.default_rng(0)
flats = pd.DataFrame(
    {
        "quarter": drawn.choice(["harbour", "hill", "mill"], 300),
        "heating": drawn.choice(["district", "gas", "pump"], 300),
        "square_metres": drawn.uniform(20, 120, 300).round(),
    }
)
rents = 400 + 9 * flats["square_metres"] * (1 + 0.2 * (flats["quarter"] == "harbour"))
model = CatBoostRegressor(
    loss_function="MultiQuantile:alpha=0.1,0.5,0.9",
    cat_features=["quarter", "heating"],
    iterations=50,
    allow_writing_files=False,
    verbose=False,
)
model.fit(flats, rents + drawn.normal(0, 60, 300))

saved = modelenv.save_model(model, "flats_model", input_example=flats.head(3), overwrite=True)
print(saved)
