from __future__ import annotations

import numpy as np
from tones import Tones


def build() -> tuple[Tones, np.ndarray]:
    times = np.arange(64) / 64.0
    return Tones(64.0), np.array([np.sin(2 * np.pi * hertz * times) for hertz in (3, 11, 20)])
