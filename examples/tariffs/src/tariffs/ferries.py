"""Ferries pay for each passenger, and once for coming."""

from __future__ import annotations


def due(ship: dict[str, float], rates: dict[str, float]) -> float:
    """Return what a ferry owes."""
    return rates["once"] + rates["passenger"] * ship["passengers"]
