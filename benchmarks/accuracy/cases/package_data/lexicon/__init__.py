from __future__ import annotations

import json
from importlib.resources import files

import regex


class Mood:
    """The sum of the weights of a text's words."""

    def predict(self, texts: list[str]) -> list[float]:
        weights = json.loads(files(__name__).joinpath("weights.json").read_text("utf-8"))
        words = [regex.findall(r"\p{L}+", text.lower()) for text in texts]
        return [sum(weights.get(word, 0.0) for word in found) for found in words]
