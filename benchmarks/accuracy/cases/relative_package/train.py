from __future__ import annotations

from churn import Churn


def build() -> tuple[Churn, list[dict[str, float]]]:
    return Churn({"calls": 0.5, "months": -0.1}), [{"calls": 4, "months": 12}, {"calls": 1}]
