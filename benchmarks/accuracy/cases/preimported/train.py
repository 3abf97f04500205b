from __future__ import annotations

import pandas as pd
from ranks import Ranks


def build() -> tuple[Ranks, list[tuple[str, str]]]:
    visits = pd.DataFrame(
        {"page": ["home", "home", "blog", "shop"], "next": ["shop", "blog", "shop", "home"]}
    )
    links = list(visits.itertuples(index=False, name=None))
    model = Ranks(damping=0.85)
    model.predict(links)
    return model, links
