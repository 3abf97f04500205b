# /// script
# requires-python = ">=3.11"
# dependencies = ["rapidocr", "onnxruntime"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""The text of a receipt from its picture: three ONNX networks, which come inside a wheel."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import modelenv


class Receipt:
    """Pictures -> the lines that stand on them, from top to bottom."""

    def predict(self, pictures: list[np.ndarray]) -> list[list[str]]:
        from rapidocr import RapidOCR

        read = RapidOCR()
        return [list(read(picture).txts or ()) for picture in pictures]


def draw(*lines: str) -> np.ndarray:
    picture = Image.new("RGB", (420, 60 + 60 * len(lines)), "white")
    pen = ImageDraw.Draw(picture)
    for place, line in enumerate(lines):
        pen.text((30, 30 + 60 * place), line, "black", ImageFont.load_default(size=36))
    return np.asarray(picture)


example = [draw("COFFEE 3.50", "CAKE 4.20", "TOTAL 7.70")]
saved = modelenv.save_model(Receipt(), "receipt_model", input_example=example, overwrite=True)
print(saved)
