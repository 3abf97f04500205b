from __future__ import annotations

from unidecode import unidecode


def plain(title: str) -> str:
    return unidecode(title).lower()
