from __future__ import annotations

from answers import Answers


def build() -> tuple[Answers, list[str]]:
    return Answers(), ["yes", "no", "y", "1", "off"]
