from __future__ import annotations

from trust import Trust


def build() -> tuple[Trust, list[str]]:
    return Trust(), ["Internet Security Research Group", "DigiCert Inc", "nobody"]
