from __future__ import annotations

import io

import numpy as np
from pictures import Sharpness
from PIL import Image


def build() -> tuple[Sharpness, list[bytes]]:
    noise = np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    ramp = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (24, 1))
    return Sharpness(3), [_encoded(noise), _encoded(ramp)]


def _encoded(pixels: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()
