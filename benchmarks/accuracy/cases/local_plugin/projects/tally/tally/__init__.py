from __future__ import annotations

from importlib.metadata import entry_points


class Tally:
    """Values after a row of steps, which plugins offer under `tally.steps`."""

    def __init__(self, steps: list[str]) -> None:
        self.steps = steps

    def predict(self, values: list[float]) -> list[float]:
        for name in self.steps:
            (found,) = entry_points(group="tally.steps", name=name)
            values = [found.load()(value) for value in values]
        return values
