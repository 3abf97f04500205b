from __future__ import annotations

from matching import Matcher


def build() -> tuple[Matcher, list[str]]:
    return Matcher(["zurich", "geneva", "lausanne", "basel"]), ["Zürch", "Genève", "Basle"]
