from __future__ import annotations

from messages import Messages


def build() -> tuple[Messages, list[dict[str, float]]]:
    return Messages({"age": 0.5, "height": 2.0}), [{"age": 4, "height": 1.1}, {"age": 7}]
