from __future__ import annotations

from ratecard import RateCard


def build() -> tuple[RateCard, list[float]]:
    return RateCard({0: 4.2, 10: 3.1, 100: 2.4}), [0.5, 12.0, 340.0]
