from __future__ import annotations

from tokenizers import Tokenizer


class Pieces:
    """Cut texts into the pieces of a trained vocabulary."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    def predict(self, texts: list[str]) -> list[dict[str, list[int] | list[str]]]:
        encodings = [self.tokenizer.encode(text) for text in texts]
        return [{"ids": encoding.ids, "pieces": encoding.tokens} for encoding in encodings]
