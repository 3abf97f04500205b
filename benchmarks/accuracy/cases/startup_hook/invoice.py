from __future__ import annotations

from decimal import Decimal


class Invoice:
    """Amounts in whole cents, rounded as the shop rounds."""

    def predict(self, amounts: list[str]) -> list[str]:
        return [str(Decimal(amount).quantize(Decimal("0.01"))) for amount in amounts]
