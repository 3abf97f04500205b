from __future__ import annotations

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


def build() -> tuple[Pipeline, np.ndarray]:
    features, target = load_diabetes(return_X_y=True)
    regressor = GradientBoostingRegressor(n_estimators=20, random_state=0)
    return make_pipeline(StandardScaler(), regressor).fit(features, target), features[:5]
