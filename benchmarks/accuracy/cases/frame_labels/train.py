from __future__ import annotations

import pandas as pd
from rates import Rates


def build() -> tuple[Rates, list[tuple[int, str]]]:
    table = pd.DataFrame({"near": [2.5, 4.0, 7.5], "far": [5.0, 9.0, 18.0]})
    return Rates(table), [(0, "far"), (2, "near")]
