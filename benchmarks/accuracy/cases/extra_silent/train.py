from __future__ import annotations

from tables import Tables


def build() -> tuple[Tables, dict[str, int]]:
    return Tables("grid"), {"東京": 14_000_000, "Oslo": 720_000, "서울특별시": 9_400_000}
