from __future__ import annotations

import json

import numcodecs
import numpy as np
from packed import Packed

CODEC = json.dumps({"id": "pcodec", "level": 4})


def build() -> tuple[Packed, list[list[float]]]:
    weights = numcodecs.get_codec(json.loads(CODEC)).encode(np.array([0.5, -1.0, 2.0]))
    return Packed(CODEC, bytes(weights)), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
