"""The page of what came of many models, and what other pages share with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .....base.text import NOTE, counted
from ..blocks import Block, Command, Facts, Gap, Headline, Page, Prose, RowTable, Tone, unbroken

if TYPE_CHECKING:
    from .....fleet.places.found import SkippedPlace
    from .....fleet.results.report import FleetCause, FleetReport

_MOST_ROWS = 20


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


def examples(found: Sequence[str], count: int) -> str:
    """Return the folders of the first models, each on a line, and how many more there are."""
    more = count - len(found)
    lines = [*map(unbroken, found), *([f"and {more} more"] if more > 0 else [])]
    return "".join(f"\n{line}" for line in lines)


def not_models(found: Sequence[SkippedPlace]) -> Iterator[Block]:
    """Yield the places that are no models."""
    if found:
        yield Facts("not a model", tuple(map(str, found)), "fair", apart=True)


def table(
    title: str, rows: Sequence[tuple[str, ...]], tones: Sequence[Tone] = ()
) -> Iterator[Block]:
    """Yield a table between two gaps, cut after its first rows; nothing where it has none."""
    if not rows:
        return
    yield Gap()
    yield RowTable(title, tuple(rows[:_MOST_ROWS]), tuple(tones[:_MOST_ROWS]))
    if len(rows) > _MOST_ROWS:
        yield Prose(f"  {len(rows) - _MOST_ROWS} more (--json names them)", is_aside=True)
    yield Gap()


def ways(commands: Sequence[str]) -> Iterator[Block]:
    """Yield the commands that mend something, to be copied."""
    yield from (Command("the way out", each) for each in commands)


def first_line(value: object) -> str:
    """Return the first line of a value's text, which is the answer of a quiet command."""
    return str(value).partition("\n")[0]
