from __future__ import annotations

from zope.interface import Interface, implementer
from zope.interface.adapter import AdapterRegistry


class IUnit(Interface):
    """A quantity with a unit."""


class IMetric(Interface):
    """A quantity in metres."""


@implementer(IUnit)
class Feet:
    def __init__(self, amount: float) -> None:
        self.amount = amount


def metres(quantity: Feet) -> float:
    return quantity.amount * 0.3048


class Converter:
    """Feet in metres, by an adapter that a registry finds."""

    def predict(self, amounts: list[float]) -> list[float]:
        registry = AdapterRegistry()
        registry.register([IUnit], IMetric, "", metres)
        quantities = [Feet(amount) for amount in amounts]
        return [registry.queryAdapter(quantity, IMetric) for quantity in quantities]
