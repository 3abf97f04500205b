from __future__ import annotations

import pandas as pd
from archive import Archive


def build() -> tuple[Archive, pd.DataFrame]:
    sales = pd.DataFrame({"item": ["pen", "lamp", "desk"], "price": [1.5, 39.9, 240.0]})
    return Archive(threshold=10.0), sales
