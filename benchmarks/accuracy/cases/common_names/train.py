from __future__ import annotations

from badges import Badges

STYLES = "colour: tomato\naddress: https://badges.example/v1\n"
TEMPLATE = "<text fill='rgb{{ rgb }}'>{{ label | upper }}</text>"


def build() -> tuple[Badges, list[str]]:
    return Badges(STYLES, TEMPLATE), ["build passing", "72 %"]
