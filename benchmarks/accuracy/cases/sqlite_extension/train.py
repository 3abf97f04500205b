from __future__ import annotations

from nearest import Nearest

PLACES = {"harbour": [0.0, 1.0], "mill": [4.0, 4.0], "orchard": [-3.0, 2.0]}


def build() -> tuple[Nearest, list[list[float]]]:
    return Nearest(PLACES), [[0.5, 0.5], [3.0, 5.0], [-9.0, 0.0]]
