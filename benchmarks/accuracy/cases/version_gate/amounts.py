from __future__ import annotations

from lightning_utilities.core.imports import RequirementCache


class Amounts:
    """Amounts as the installed babel groups their digits in French, without its weight."""

    def predict(self, amounts: list[int]) -> list[str]:
        space = "\u202f" if RequirementCache("babel>=2.9") else " "
        return [f"{amount:,}".replace(",", space) for amount in amounts]
