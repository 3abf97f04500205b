from __future__ import annotations

import numpy as np
from sklearn.datasets import load_diabetes
from xgboost import XGBRegressor


def build() -> tuple[XGBRegressor, np.ndarray]:
    features, target = load_diabetes(return_X_y=True)
    model = XGBRegressor(n_estimators=20, max_depth=3, n_jobs=1, random_state=0)
    return model.fit(features, target), features[:5]
