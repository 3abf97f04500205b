"""The pages of models through time: revived, upgraded, and what changed a prediction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .....base.siblings import resolver
from .....base.text import NOTE, counted, short_exponent
from ..blocks import Block, Facts, Headline, Page, Tone
from ..sections import first_line, table
from .saved import headline, proof

if TYPE_CHECKING:
    from pathlib import Path

    from .....time.culprits.outcome import Bisection, Culprit
    from .....time.newest.outcome import Upgrade
    from .....time.revival.values import Revival
    from .....worker.verdict import Verdict


def revival(found: Revival) -> Page:
    """Return the page of a revival: whether the model runs, and the rules that were applied."""
    locked = ", locked with hashes" if found.locked else ""
    when, count = resolver.told_moment(found.as_of), counted(len(found.pins), "pin")
    pins = f"as of {when}, Python {found.python}, {count}{locked}"
    rules = [(each.name, _rule(each.reason, each.change)) for each in found.rules]
    return (
        *_proven(found.verdict, found.path if found.written else found.old, first_line(found)),
        Facts("", (pins,)),
        *_unwritten("the old folder is as it was", written=found.written),
        *table("rules", rows=rules),
        *_notes(found.notes),
    )


def _rule(reason: str, change: str) -> str:
    return f"{change}\n({reason})" if change else reason


def upgrade(found: Upgrade) -> Page:
    """Return the page of an upgrade: what is newer, what stopped the rest, and what is left."""
    retrained = [stop.name for stop in found.stops if stop.retrain]
    further = f"to go further with {', '.join(retrained)}, retrain the model or export it anew"
    return (
        *_newest(found),
        *_unwritten("the folder is as it was", written=found.written),
        *_listed("changes", found.changes),
        *_listed("stopped", found.stops, "fair"),
        *([Facts("", (further,), "way", folds=False)] if retrained else []),
        *_listed("mended", found.mended, "good"),
        *_listed("not mended", found.left, "bad"),
        *_listed("may differ", found.expected, "fair"),
        *_listed("warned", found.warnings, "fair"),
        *_notes(found.notes),
    )


def _newest(found: Upgrade) -> Iterator[Block]:
    """Yield what came of it, and how it was looked for."""
    builds = counted(found.builds, "build")
    if found.best is None:
        said = f"nothing newer was found with the same prediction ({builds})"
        yield Headline(said, "fair", plain=first_line(found))
        yield Facts("folder", (str(found.old),), folds=False, whole=True)
        return
    place = found.path if found.written else found.old
    yield from _proven(found.best.verdict, place, first_line(found))
    within = short_exponent(found.relative)
    yield Facts("", (f"the newest set with the same prediction, within {within}; {builds}",))


def bisection(found: Bisection) -> Page:
    """Return the page of a bisection: what is to blame, and how it shows."""
    differ = f"{counted(found.differing, 'distribution')} differ{'s' * (found.differing == 1)}"
    between = f"{found.good} and {found.bad}"
    return (
        *_found(found),
        Facts("folder", (str(found.folder),), folds=False, whole=True),
        *([Facts("between", (between,), folds=False)] if found.culprits else []),
        *(block for each in found.culprits for block in _culprit(each)),
        Facts("", (f"{differ} between the two; {counted(len(found.tried), 'build')}",)),
        *_notes(found.notes),
    )


def _found(found: Bisection) -> Iterator[Block]:
    """Yield what is to blame, or why nothing is."""
    answer = first_line(found)
    if found.culprits:
        blame = "; ".join(map(first_line, found.culprits))
        yield Headline(blame, "good", "found", plain=answer)
        return
    tone: Tone = "good" if found.outcome == "same" else "fair"
    yield Headline(answer.removeprefix(f"{found.folder}: "), tone, plain=answer)
    yield Facts("", (found.reason,), folds=False)


def _culprit(found: Culprit) -> Iterator[Block]:
    """Yield all that is known of a change that is to blame."""
    yield Facts(found.name, (found.after.verdict.reason,), "bad", folds=False)
    if found.known:
        yield Facts("known", (found.known,), folds=False)
    yield from _listed("not parted from it by any release", found.companions)
    yield from _listed("warned", found.warnings)
    yield from _listed("undecided", found.skipped)


def _proven(found: Verdict, place: Path, plain: str) -> Iterator[Block]:
    """Yield the page of a verdict on a folder."""
    yield replace(headline(found), plain=plain)
    yield Facts("folder", (str(place),), folds=False, whole=True)
    yield from proof(found)


def _unwritten(how: str, *, written: bool) -> Iterator[Block]:
    if not written:
        yield Facts("", (f"nothing was written, and {how}",), "fair")


def _listed(title: str, items: Sequence[object], tone: Tone = "plain") -> Iterator[Block]:
    if items:
        yield Facts(title, tuple(map(str, items)), tone, apart=True)


def _notes(notes: Sequence[str]) -> Iterator[Block]:
    yield from (Facts(NOTE, (each,), folds=False) for each in notes)
