"""Yachts pay by their length."""

from __future__ import annotations


def due(ship: dict[str, float], rates: dict[str, float]) -> float:
    """Return what a yacht owes."""
    return rates["metre"] * ship["length"]
