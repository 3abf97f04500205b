from __future__ import annotations

from distutils.util import strtobool

from toolz import frequencies


class Answers:
    """How many answers say yes and how many no."""

    def predict(self, answers: list[str]) -> dict[bool, int]:
        return frequencies(bool(strtobool(answer)) for answer in answers)
