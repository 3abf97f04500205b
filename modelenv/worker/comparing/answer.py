"""The result of comparing a prediction with the recorded one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from .compare import RELATIVE

_LONGEST = 4000
_MOST_PARTS = 10_000

Equal = Literal["exactly", "closely", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The degree of equality of a prediction with the recorded one."""

    equal: Equal
    largest: float = 0.0
    """The largest difference that was tolerated."""
    where: str = ""
    """The first place where they differ."""
    what: str = ""
    parts: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """The equal and the different places; None if all are equal or the places are unknown."""
    inside: bool = False
    """Whether only the process that ran the model could compare them."""
    relative: float = RELATIVE
    """The relative tolerance for two floats, as a fraction of the larger one."""

    @classmethod
    def read(cls, event: Mapping[str, Any] | None, *, inside: bool = False) -> Compared | None:
        """Return the comparison that was reported, or None if there was no valid one."""
        if event is None or event.get("equal") not in ("exactly", "closely", "no"):
            return None
        equal, largest = cast("Equal", event["equal"]), event.get("largest")
        parts = event.get("parts")
        known = type(largest) is float and math.isfinite(largest)
        return cls(
            equal=equal,
            largest=float(largest) if known and largest else 0.0,
            where=_text(event.get("where")),
            what=_text(event.get("what")),
            parts=_parts(parts) if isinstance(parts, dict) else None,
            inside=inside,
        )

    @property
    def difference(self) -> str:
        """The place and kind of the first difference; empty if there is none."""
        return f"{self.where}: {self.what}" if self.equal == "no" else ""


def difference(told: Mapping[str, Any] | None) -> str:
    """Return the place of a reported difference; empty if there is none."""
    compared = Compared.read(told)
    return "" if compared is None else compared.difference


def _text(told: object) -> str:
    return str(told or "")[:_LONGEST]


def _parts(told: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _places(told, "equal"), _places(told, "different")


def _places(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    places = told.get(name)
    return tuple(map(_text, places[:_MOST_PARTS])) if isinstance(places, list) else ()
