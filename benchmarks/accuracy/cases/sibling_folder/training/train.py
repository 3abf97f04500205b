from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parent.parent / "library"))

from demand import Demand


def build() -> tuple[Demand, list[str]]:
    return Demand(np.linspace(10, 40, 7)), ["3/5/2024", "5 May 2024", "2024-05-06"]
