"""A transformer that reads an hour as a place on a circle."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Clock(TransformerMixin, BaseEstimator):
    """Turn times into the sine and cosine of their hour, and whether it is a weekend."""

    def fit(self, times: np.ndarray, y: object = None) -> Clock:
        self.n_features_in_ = 1
        return self

    def transform(self, times: np.ndarray) -> np.ndarray:
        moments = times[:, 0].astype("datetime64[h]")
        hours = moments.astype(int) % 24
        days = moments.astype("datetime64[D]").astype(int)
        weekend = (days + 3) % 7 >= 5  # 1970 began on a Thursday
        angle = 2 * np.pi * hours / 24
        return np.column_stack([np.sin(angle), np.cos(angle), weekend])

    def get_feature_names_out(self, names: object = None) -> np.ndarray:
        return np.array(["sine", "cosine", "weekend"], dtype=object)
