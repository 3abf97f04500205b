"""The page of what came of many models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .....base.text import NOTE, counted
from ..blocks import Block, Facts, Headline, Page, Tone
from ..sections import examples, first_line, table

if TYPE_CHECKING:
    from .....fleet.places.found import SkippedPlace
    from .....fleet.results.report import FleetCause, FleetReport


def fleet_report(found: FleetReport) -> Page:
    """Return the page of a fleet: how many models came to what, then what the others share."""
    first = first_line(found)
    fleet, _, kinds = first.partition(": ")
    tone: Tone = "good" if found.good else "bad"
    return (
        Headline(kinds, tone, fleet, plain=first),
        *causes(found.causes),
        *not_models(found.skipped),
        *(Facts(NOTE, (each,), folds=False) for each in found.notes),
    )


def causes(found: Sequence[FleetCause]) -> Iterator[Block]:
    """Yield a table of why models are not good, each with the first of them."""
    rows = [(each.status, counted(each.count, "model"), _cause(each)) for each in found]
    tones: list[Tone] = ["bad"] * len(rows)
    yield from table("why", rows, tones)


def _cause(found: FleetCause) -> str:
    return f"{found.cause}{examples(found.examples, found.count)}".lstrip("\n")


def not_models(found: Sequence[SkippedPlace]) -> Iterator[Block]:
    """Yield the places that are no models."""
    if found:
        yield Facts("not a model", tuple(map(str, found)), "fair", apart=True)
