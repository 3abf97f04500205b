from __future__ import annotations

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def build() -> tuple[Pipeline, pd.DataFrame]:
    houses = pd.DataFrame(
        {
            "area": [52.0, 80.5, 61.0, 120.0, 95.5, 43.0],
            "rooms": [2, 3, 2, 5, 4, 1],
            "town": ["Ghent", "Lyon", "Ghent", "Turin", "Lyon", "Turin"],
        }
    )
    prices = [210.0, 330.0, 235.0, 410.0, 385.0, 150.0]
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), ["area", "rooms"]), ("names", OneHotEncoder(), ["town"])]
    )
    return make_pipeline(columns, LinearRegression()).fit(houses, prices), houses.head(3)
