from __future__ import annotations

from notices import Notices

RULES = "notice: li.notice\nday: data-day\n"
PAGE = "<ul><li class=notice data-day='3 May 2024'> Closed </li><li>Menu</li></ul>"


def build() -> tuple[Notices, list[str]]:
    return Notices(RULES), [PAGE]
