from __future__ import annotations

from lexicon import Mood


def build() -> tuple[Mood, list[str]]:
    return Mood(), ["A sunny café!", "rainy, rainy day"]
