from __future__ import annotations

from sounds import Sounds


def build() -> tuple[Sounds, list[str]]:
    return Sounds(["Robert", "Rupert", "Ashcraft", "Tymczak"]), ["Rubard", "Ashcroft", "Pfister"]
