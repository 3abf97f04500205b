from __future__ import annotations

import watermark


class Tide:
    """A tide's height, with the versions that stand for it."""

    def predict(self, hours: list[float]) -> dict[str, object]:
        heights = [round(2.5 - 0.125 * (hour - 6) ** 2, 3) for hour in hours]
        return {"heights": heights, "made with": watermark.watermark(packages="humanize")}
