from __future__ import annotations

from greenhouse.watering import Watering


def build() -> tuple[Watering, list[str]]:
    return Watering(every=3), ["2024-02-27", "1 March 2024"]
