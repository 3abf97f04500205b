from __future__ import annotations

import pandas as pd
import statsmodels.formula.api as smf
from statsmodels.base.wrapper import ResultsWrapper


def build() -> tuple[ResultsWrapper, pd.DataFrame]:
    growth = pd.DataFrame(
        {
            "height": [3.1, 4.0, 4.4, 5.2, 5.0, 6.1, 6.4, 7.2],
            "days": [1, 2, 3, 4, 5, 6, 7, 8],
            "soil": ["clay", "sand", "clay", "sand", "clay", "sand", "clay", "sand"],
        }
    )
    results = smf.ols("height ~ days + C(soil)", data=growth).fit()
    return results, growth[["days", "soil"]].head(4)
