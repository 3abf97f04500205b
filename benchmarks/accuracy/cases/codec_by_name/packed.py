from __future__ import annotations

import json

import numcodecs
import numpy as np


class Packed:
    """A linear model whose weights are packed."""

    def __init__(self, codec: str, weights: bytes) -> None:
        self.codec, self.weights = codec, weights

    def predict(self, rows: list[list[float]]) -> list[float]:
        codec = numcodecs.get_codec(json.loads(self.codec))
        weights = np.frombuffer(codec.decode(self.weights), "f8")
        return (np.asarray(rows) @ weights).tolist()
