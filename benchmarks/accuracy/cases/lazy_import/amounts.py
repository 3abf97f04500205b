from __future__ import annotations


class Amounts:
    """Amounts of money in words, in the language it was made for."""

    def __init__(self, language: str) -> None:
        self.language = language

    def predict(self, amounts: list[float]) -> list[str]:
        from num2words import num2words

        return [num2words(amount, lang=self.language) for amount in amounts]
