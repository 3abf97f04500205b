from __future__ import annotations

from invoice import Invoice


def build() -> tuple[Invoice, list[str]]:
    return Invoice(), ["0.125", "2.665", "7"]
