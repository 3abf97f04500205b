from __future__ import annotations

import io

import numpy as np


class Sharpness:
    """How sharp encoded pictures are: the variance of the blurred picture's Laplacian."""

    def __init__(self, radius: int) -> None:
        self.radius = radius

    def predict(self, pictures: list[bytes]) -> np.ndarray:
        return np.array([self._sharpness(picture) for picture in pictures])

    def _sharpness(self, picture: bytes) -> float:
        import cv2
        from PIL import Image

        pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("L"))
        blurred = cv2.GaussianBlur(pixels, (self.radius, self.radius), 0)
        return float(cv2.Laplacian(blurred, cv2.CV_64F).var())
