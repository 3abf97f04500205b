from __future__ import annotations

from toolz import merge_with


def weighted(weights: dict[str, float], customer: dict[str, float]) -> float:
    """Return the sum of what both name, multiplied."""
    pairs = merge_with(list, weights, customer).values()
    return sum(pair[0] * pair[1] for pair in pairs if len(pair) == 2)
