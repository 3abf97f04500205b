from __future__ import annotations

import numpy as np
import pandas as pd
import patsy


class Spline:
    """A regression whose design is a formula."""

    def __init__(self, formula: str, reference: pd.DataFrame, weights: np.ndarray) -> None:
        self.formula, self.reference, self.weights = formula, reference, weights

    def predict(self, rows: pd.DataFrame) -> list[float]:
        design = patsy.incr_dbuilder(self.formula, lambda: iter([self.reference]))
        (matrix,) = patsy.build_design_matrices([design], rows)
        return (np.asarray(matrix) @ self.weights).tolist()
