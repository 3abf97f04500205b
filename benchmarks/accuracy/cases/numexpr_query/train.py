from __future__ import annotations

import pandas as pd
from stock import Stock


def build() -> tuple[Stock, pd.DataFrame]:
    counts = pd.DataFrame({"there": [1, 2, 30], "sold": [2, 2, 5]}, dtype="uint8")
    return Stock("there - sold"), counts
