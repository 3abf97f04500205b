from __future__ import annotations

from num2words import num2words


class Words:
    """Numbers in words."""

    def predict(self, numbers: list[int]) -> list[str]:
        return [num2words(number) for number in numbers]
