from __future__ import annotations

import io

import pandas as pd
from workbooks import Totals


def build() -> tuple[Totals, bytes]:
    hours = pd.DataFrame({"person": ["Ada", "Bo", "Ada"], "hours": [3.5, 2.0, 4.25]})
    workbook = io.BytesIO()
    hours.to_excel(workbook, sheet_name="hours", index=False, engine="openpyxl")
    return Totals(), workbook.getvalue()
