from __future__ import annotations

import numpy as np
import pandas as pd
from spline import Spline

FORMULA = "bs(x, df=5, degree=3, lower_bound=0, upper_bound=10) + np.log1p(x)"


def build() -> tuple[Spline, pd.DataFrame]:
    reference = pd.DataFrame({"x": np.linspace(0, 10, 40)})
    return Spline(FORMULA, reference, np.arange(7.0) - 2), pd.DataFrame({"x": [0.5, 3.3, 9.0]})
