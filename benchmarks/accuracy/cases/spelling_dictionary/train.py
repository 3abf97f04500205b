from __future__ import annotations

from spelling import Spelling


def build() -> tuple[Spelling, list[str]]:
    return Spelling("sv_SE"), ["huset", "hsuet", "sjukhus", "smörgås"]
